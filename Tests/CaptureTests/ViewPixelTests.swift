import Capture
import Frames
import TestSupport
import Testing

@testable import Resampling

/// What each view shows to the model, byte for byte as Pillow and ffmpeg cut and scale it.
@Suite(.serialized, .ownThread) struct ViewPixelTests {
    private static let wide = "testsrc2=size=128x72:rate=10"

    @Test func equalsPillowToTheBit() throws {
        let folder = #filePath.prefix(upTo: try #require(#filePath.lastIndex(of: "/")))
        var rest = try shell("cat \(folder)/Golden/pillow_view.golden")[...]
        var pictures = 0
        while !rest.isEmpty {
            let line = String(decoding: rest.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            rest = rest.dropFirst(line.utf8.count + 1)
            guard line.hasPrefix("view ") else { continue }
            let numbers = line.split(separator: " ").dropFirst().compactMap { Int($0) }
            let (width, height, parts, input) = (numbers[1], numbers[2], numbers[5], numbers[6])
            let geometry = ViewGeometry(
                width: width,
                height: height,
                pixelAspect: Double(numbers[3]) / Double(numbers[4]),
                view: PictureView.allCases[numbers[0]],
                transform: InputTransform(resize: .shortestEdge(input), filter: .bicubic, width: input, height: input)
            )
            #expect(geometry.parts.count == parts, "\(line)")
            for index in 0..<parts {
                let expected = Array(rest.prefix(input * input * 3))
                rest = rest.dropFirst(expected.count)
                guard index < geometry.parts.count else { continue }
                #expect(painted(geometry, index, width, height) == expected, "\(line), part \(index)")
            }
            pictures += 1
        }
        #expect(pictures == 36)
    }

    private func painted(_ geometry: ViewGeometry, _ index: Int, _ width: Int, _ height: Int) -> [UInt8] {
        let resampler = Resampler(geometry: geometry.resize, transform: geometry.transform)
        let part = geometry.pixels(ofPart: index)
        return [UInt8](unsafeUninitializedCapacity: geometry.transform.byteCount) { buffer, count in
            count = geometry.transform.byteCount
            guard let output = buffer.baseAddress else { return }
            ResampleTests.noise(width, height).withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                let start = source + (part.rows.lowerBound * width + part.columns.lowerBound) * 3
                resampler.resample(start, strideBytes: width * 3, into: output)
            }
        }
    }

    /// Each tile is a clip of its own that ffmpeg's crop cuts out of the upright picture.
    @Test(arguments: [
        ("0", ["72:72:0:0", "72:72:28:0", "72:72:56:0"]), ("90", ["72:72:0:0", "72:72:0:28", "72:72:0:56"]),
    ])
    func tilesEqualClipsThatFFmpegCutsOut(angle: String, crops: [String]) throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i \(Self.wide) -t 0.5 -c:v libx264 -pix_fmt yuv420p \(folder("a.mp4"))")
        try ffmpeg("-i \(folder("a.mp4")) -c copy -metadata:s:v rotate=\(angle) \(folder("turned.mp4"))")
        let ours = try record(folder("turned.mp4"), thumbnail, every: 0.1) { $0.view = .tiles }
        #expect(ours.frames.count == 5)
        #expect(ours.frames.allSatisfy { $0.parts == (angle == "0" ? .across(3) : .down(3)) })
        for (index, crop) in crops.enumerated() {
            let part = folder("part\(index).mkv")
            let filters = "format=rgb24,crop=\(crop),format=gbrp"
            try ffmpeg("-i \(folder("turned.mp4")) -sws_flags bicubic -vf \(filters) -c:v ffv1 \(part)")
            let expected = try record(part, thumbnail, every: 0.1)
            let size = thumbnail.byteCount
            #expect(ours.pixels.map { Array($0[index * size..<(index + 1) * size]) } == expected.pixels, "\(crop)")
        }
    }

    /// The tiles of the crop are those of a picture with nothing else in it, and a mask covers what it covers elsewhere.
    @Test(arguments: [PictureView.whole, .tiles])
    func cropAndMasksComeFirst(view: PictureView) throws {
        let folder = try Folder()
        let box = "drawbox=x=16:y=16:w=32:h=8:color=0x808080:t=fill"
        try ffmpeg("-f lavfi -i \(Self.wide) -t 0.5 -c:v ffv1 -pix_fmt gbrp \(folder("all.mkv"))")
        try ffmpeg("-i \(folder("all.mkv")) -vf \(box),crop=96:64:8:4 -c:v ffv1 -pix_fmt gbrp \(folder("part.mkv"))")
        let ours = try record(folder("all.mkv"), thumbnail, every: 0.1) {
            $0.view = view
            $0.crop = Region(x: 8.0 / 128, y: 4.0 / 72, width: 96.0 / 128, height: 64.0 / 72)
            $0.masks = [Region(x: 16.0 / 128, y: 16.0 / 72, width: 32.0 / 128, height: 8.0 / 72)]
        }
        let part = try record(folder("part.mkv"), thumbnail, every: 0.1) { $0.view = view }
        #expect(ours.frames.count == 5 && ours.frames.map(\.parts) == part.frames.map(\.parts))
        #expect(ours.pixels == part.pixels)
    }

    /// The whole picture in one square: what ffmpeg makes of it is within a few levels, since its filter is another.
    @Test func theWholeIsSquashed() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i \(Self.wide) -t 0.1 -c:v ffv1 -pix_fmt gbrp \(folder("a.mkv"))")
        let ours = try record(folder("a.mkv"), thumbnail, every: 0.1) { $0.view = .whole }
        let command = "ffmpeg -v error -i \(folder("a.mkv")) -vf scale=32:32:flags=bicubic -pix_fmt rgb24 -f rawvideo -"
        let theirs = try shell(command)
        try #require(ours.allPixels.count == theirs.count)
        let difference = zip(ours.allPixels, theirs).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(theirs.count) < 4)
        #expect(try record(folder("a.mkv"), thumbnail, every: 0.1).pixels != ours.pixels)
    }

    /// A 16:9 picture is 9 high: the square sees 9 of 16 columns.
    @Test(
        arguments: [
            (PictureView.square, Region?.none, 9.0 / 16, 1), (.whole, nil, 1, 1), (.tiles, nil, 1, 3),
            // Of 320 by 360 pixels, 320 rows.
            (.square, Region(x: 0, y: 0, width: 0.5, height: 1), 0.5 * 320 / 360, 1),
            (.tiles, Region(x: 0, y: 0, width: 0.5, height: 0.5), 0.25, 3),
            (.square, Region(x: 0, y: 0, width: 1, height: 0.25), 0.25 * 0.25 * 9 / 16, 1),
            // Longer than three squares: gaps remain.
            (.tiles, Region(x: 0, y: 0, width: 1, height: 0.25), 0.25 * 3 * 0.25 * 9 / 16, 3),
        ] as [(PictureView, Region?, Double, Int)]
    )
    func theShareThatIsSeen(view: PictureView, crop: Region?, share: Double, parts: Int) throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=640x360:rate=5 -t 0.4 -c:v libx264 -pix_fmt yuv420p \(folder("a.mp4"))")
        let info = try record(folder("a.mp4"), thumbnail, every: 0.2).info
        let seen = try #require(SeenPicture(of: info, crop: crop, view: view, transform: thumbnail))
        #expect(abs(seen.share - share) < 0.01, "\(seen)")
        #expect(seen.regions.count == parts && seen.parts.count == parts)
        #expect(seen.regions.allSatisfy { $0.x >= 0 && $0.x + $0.width <= 1.0001 && $0.y + $0.height <= 1.0001 })
    }
}
