import Capture
import Frames
import TestSupport
import Testing

/// Compares our pixels with those of the ffmpeg program, byte for byte.
@Suite(.serialized, .ownThread) struct PixelTests {
    struct Format: CustomTestStringConvertible {
        var name: String
        var encoding: String
        var size = "64x48"
        var file = "clip.mkv"
        var testDescription: String { name }
    }

    static let formats = [
        Format(name: "h264 420", encoding: "-c:v libx264 -pix_fmt yuv420p"),
        Format(name: "h264 BT.709", encoding: "-c:v libx264 -pix_fmt yuv420p -colorspace bt709 -color_range tv"),
        Format(name: "h264 full range", encoding: "-c:v libx264 -pix_fmt yuv420p -color_range pc"),
        Format(name: "h264 full range BT.709", encoding: "-c:v libx264 -pix_fmt yuvj420p -colorspace bt709"),
        Format(name: "h264 BT.2020", encoding: "-c:v libx264 -pix_fmt yuv420p -colorspace bt2020nc"),
        Format(name: "h264 10 bit 422", encoding: "-c:v libx264 -pix_fmt yuv422p10le"),
        Format(name: "h264 444", encoding: "-c:v libx264 -pix_fmt yuv444p"),
        Format(name: "hevc", encoding: "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p", file: "clip.mp4"),
        Format(name: "mpeg4", encoding: "-c:v mpeg4", file: "clip.avi"),
        Format(name: "mpeg2 transport stream", encoding: "-c:v mpeg2video", file: "clip.ts"),
        Format(name: "vp9", encoding: "-c:v libvpx-vp9 -pix_fmt yuv420p", file: "clip.webm"),
        Format(name: "mjpeg", encoding: "-c:v mjpeg -pix_fmt yuvj420p"),
        Format(name: "mjpeg 422, odd", encoding: "-c:v mjpeg -pix_fmt yuvj422p", size: "65x47"),
        Format(name: "ffv1 planar RGB", encoding: "-c:v ffv1 -pix_fmt gbrp"),
        Format(name: "ffv1 gray", encoding: "-c:v ffv1 -pix_fmt gray"),
        Format(name: "ffv1 420, odd", encoding: "-c:v ffv1 -pix_fmt yuv420p", size: "67x45"),
        Format(name: "ffv1 444 16 bit", encoding: "-c:v ffv1 -pix_fmt yuv444p16le", size: "67x45"),
        Format(name: "ffv1 alpha", encoding: "-c:v ffv1 -pix_fmt yuva420p"),
        Format(name: "packed 422", encoding: "-c:v rawvideo -pix_fmt yuyv422", file: "clip.avi"),
        Format(name: "palette", encoding: "-c:v gif -pix_fmt pal8", file: "clip.gif"),
    ]

    @Test(arguments: formats)
    func pixelsEqualFFmpegs(_ format: Format) throws {
        let folder = try Folder()
        let clip = folder(format.file)
        // Cropped from planar RGB, whose sides may be odd.
        let picture = "testsrc2=size=96x96:rate=10,format=gbrp,crop=\(format.size.replacing("x", with: ":"))"
        try ffmpeg("-f lavfi -i \(picture) -t 1 \(format.encoding) \(clip)")
        let sides = format.size.split(separator: "x").compactMap { Int($0) }
        let ours = try record(clip, uncut(sides[0], sides[1]), every: 0.025)
        #expect(ours.frames.count == 10)
        #expect(ours.allPixels == (try ffmpegPixels(clip)))
    }

    @Test(arguments: ["90", "180", "270"], ["64x48", "70x34"])
    func rotationEqualsFFmpegs(angle: String, size: String) throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=\(size):rate=10 -t 0.5 -c:v libx264 -pix_fmt yuv420p \(folder("a.mp4"))")
        try ffmpeg("-i \(folder("a.mp4")) -c copy -metadata:s:v rotate=\(angle) \(folder("turned.mp4"))")
        let sides = size.split(separator: "x").compactMap { Int($0) }
        let shown = angle == "180" ? sides : sides.reversed()
        let ours = try record(folder("turned.mp4"), uncut(shown[0], shown[1]), every: 0.025)
        #expect([90, 180, 270].contains(ours.info.rotation))
        #expect(ours.allPixels == (try ffmpegPixels(folder("turned.mp4"))))
    }

    @Test func sizeChangesInMidStream() throws {
        let folder = try Folder()
        for (name, size) in [("a", "64x48"), ("b", "96x54")] {
            try ffmpeg(
                "-f lavfi -i testsrc2=size=\(size):rate=10 -t 1 -c:v libx264 -pix_fmt yuv420p \(folder("\(name).ts"))"
            )
        }
        try shell("cat \(folder("a.ts")) \(folder("b.ts")) > \(folder("both.ts"))")
        let ours = try record(folder("both.ts"), uncut(40, 40), every: 0.1)
        let first = try record(folder("a.ts"), uncut(40, 40), every: 0.1)
        let second = try record(folder("b.ts"), uncut(40, 40), every: 0.1)
        #expect(ours.statistics.decodedFrames == 20)
        #expect(ours.statistics.discontinuities == 1)
        #expect(ours.pixels == first.pixels + second.pixels)
        #expect(ours.times == first.times + second.times)
        #expect(ours.frames.map(\.ticks.lowerBound) == Array(0..<20))
    }
}
