import Capture
import Frames
import TestSupport
import Testing

/// Compares crops and masks with the crop and drawbox filters of the ffmpeg program, byte for byte, in the upright
/// picture.
@Suite(.serialized, .ownThread) struct RegionPixelTests {
    private let crop = Region(x: 0.25, y: 0.25, width: 0.5, height: 0.5)
    private let masks = [
        Region(x: 0.125, y: 0.25, width: 0.25, height: 0.125),
        Region(x: 0.5, y: 0.625, width: 0.5, height: 0.375),
    ]
    /// The same region as arguments of an ffmpeg filter.
    private let cropFilter = "crop=iw/2:ih/2:iw/4:ih/4"
    private let maskFilters = ["iw/8:ih/4:iw/4:ih/8", "iw/2:ih*5/8:iw/2:ih*3/8"].map { box in
        let names = ["x", "y", "w", "h"]
        let sides = zip(names, box.split(separator: ":")).map { "\($0)=\($1)" }.joined(separator: ":")
        return "drawbox=\(sides):color=0x808080:t=fill"
    }

    /// A clip of 64×48 pixels that is rotated by `angle` for display, and its displayed size.
    private func clip(in folder: Folder, angle: String) throws -> (path: String, width: Int, height: Int) {
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=10 -t 0.5 -c:v libx264 -pix_fmt yuv420p \(folder("a.mp4"))")
        try ffmpeg("-i \(folder("a.mp4")) -c copy -metadata:s:v rotate=\(angle) \(folder("turned.mp4"))")
        return angle == "0" || angle == "180" ? (folder("turned.mp4"), 64, 48) : (folder("turned.mp4"), 48, 64)
    }

    private func reference(_ path: String, _ filters: [String]) throws -> [UInt8] {
        let chain = (["format=rgb24"] + filters).joined(separator: ",")
        return try shell(
            "ffmpeg -v quiet -nostdin -i \(path) -map v:0 -vsync passthrough -sws_flags bicubic -vf '\(chain)' "
                + "-pix_fmt rgb24 -f rawvideo -"
        )
    }

    @Test(arguments: ["0", "90", "180", "270"])
    func cropEqualsFFmpegs(angle: String) throws {
        let folder = try Folder()
        let (path, width, height) = try clip(in: folder, angle: angle)
        let ours = try record(path, uncut(width / 2, height / 2), every: 0.025) { $0.crop = crop }
        #expect(ours.frames.count == 5)
        #expect(ours.allPixels == (try reference(path, [cropFilter])))
    }

    @Test(arguments: ["0", "90", "180", "270"])
    func masksEqualFFmpegsBoxes(angle: String) throws {
        let folder = try Folder()
        let (path, width, height) = try clip(in: folder, angle: angle)
        let ours = try record(path, uncut(width, height), every: 0.025) { $0.masks = masks }
        #expect(ours.allPixels == (try reference(path, maskFilters)))
        #expect(ours.allPixels != (try reference(path, [])))
    }

    @Test(arguments: ["0", "90"])
    func masksReferToTheWholePictureDespiteACrop(angle: String) throws {
        let folder = try Folder()
        let (path, width, height) = try clip(in: folder, angle: angle)
        let ours = try record(path, uncut(width / 2, height / 2), every: 0.025) {
            $0.crop = crop
            $0.masks = masks
        }
        #expect(ours.allPixels == (try reference(path, maskFilters + [cropFilter])))
    }

    /// Only the crop is scaled: the result equals that of a clip with nothing else in it.
    @Test func cropIsScaledAsAPictureOfItsOwn() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=256x128:rate=10 -t 0.5 -c:v ffv1 -pix_fmt gbrp \(folder("all.mkv"))")
        try ffmpeg("-i \(folder("all.mkv")) -vf crop=100:80:28:16 -c:v ffv1 -pix_fmt gbrp \(folder("part.mkv"))")
        let region = Region(x: 28.0 / 256, y: 16.0 / 128, width: 100.0 / 256, height: 80.0 / 128)
        let ours = try record(folder("all.mkv"), thumbnail, every: 0.1) { $0.crop = region }
        let part = try record(folder("part.mkv"), thumbnail, every: 0.1)
        #expect(ours.frames.count == 5)
        #expect(ours.pixels == part.pixels)
    }

    /// Motion behind a mask has no effect: two clips that differ only there give the same pixels.
    @Test func maskedPixelsHaveNoEffect() throws {
        let folder = try Folder()
        for (name, colour) in [("still", "red"), ("other", "lime")] {
            let box = "drawbox=x=16:y=8:w=16:h=16:color=\(colour):t=fill"
            let source = "testsrc2=size=64x48:rate=10,format=gbrp,\(box)"
            try ffmpeg("-f lavfi -i \(source) -t 0.5 -c:v ffv1 -pix_fmt gbrp \(folder("\(name).mkv"))")
        }
        let mask = Region(x: 16.0 / 64, y: 8.0 / 48, width: 16.0 / 64, height: 16.0 / 48)
        func pixels(_ name: String, _ masks: [Region]) throws -> [[UInt8]] {
            try record(folder("\(name).mkv"), thumbnail, every: 0.1) { $0.masks = masks }.pixels
        }
        #expect(try pixels("still", []) != pixels("other", []))
        #expect(try pixels("still", [mask]) == pixels("other", [mask]))
    }

    @Test func theWholePictureAndNoMasksChangeNothing() throws {
        let folder = try Folder()
        let (path, _, _) = try clip(in: folder, angle: "90")
        let plain = try record(path, thumbnail, every: 0.1)
        let whole = try record(path, thumbnail, every: 0.1) { $0.crop = .whole }
        #expect(!plain.allPixels.isEmpty)
        #expect(whole.pixels == plain.pixels)
    }
}
