import Frames
import Glibc
import TestSupport
import Testing

@testable import Capture

/// Pictures for people, made beside the model's input.
@Suite(.serialized, .ownThread) struct PictureTapTests {
    /// Reads a file to its end. Requests a picture before the picture with the given number is read.
    private static func read(
        _ path: String,
        tap: PictureTap?,
        crop: Region? = nil,
        asking number: Int? = nil
    ) throws -> [[UInt8]] {
        var options = SourceOptions(patient: path, every: 0.2)
        options.pace = .asFast
        options.crop = crop
        var source = try VideoSource.open(options, cancellation: Cancellation(), taps: SourceTaps(newest: tap))
        var bytes = [UInt8](repeating: 0, count: thumbnail.byteCount)
        var pictures: [[UInt8]] = []
        while true {
            if pictures.count == number { #expect(try tap?.jpeg(waiting: .zero) == nil) }
            let frame = try bytes.withUnsafeMutableBufferPointer { try source.next(into: $0) }
            if frame == nil { return pictures }
            pictures.append(bytes)
        }
    }

    @Test func noPictureIsCopiedWithoutARequest() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=320x240:rate=10:duration=2 \(folder("a.mkv"))")
        let tap = PictureTap()
        #expect(try Self.read(folder("a.mkv"), tap: tap).count == 10)
        #expect(try tap.jpeg(waiting: .zero) == nil)
    }

    @Test func requestGetsTheNewestPictureAndTheModelsInputIsUnchanged() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=320x240:rate=10:duration=2 \(folder("a.mkv"))")
        let tap = PictureTap(widest: 160)
        let watched = try Self.read(folder("a.mkv"), tap: tap, asking: 4)
        #expect(watched == (try Self.read(folder("a.mkv"), tap: nil)))
        let jpeg = try #require(try tap.jpeg(waiting: .zero))
        // A second request gets the same picture, which was encoded once.
        #expect(try tap.jpeg(waiting: .zero) == jpeg)
        try folder.write(jpeg.bytes, to: "a.jpg")

        // The reference is ffmpeg's small copy of the last sampled picture, at 1.8 s.
        let pixels = try shell("ffmpeg -v error -nostdin -i \(folder("a.jpg")) -f rawvideo -pix_fmt rgb24 -")
        let same = "-ss 1.8 -i \(folder("a.mkv")) -frames:v 1 -vf scale=160:120:flags=area -f rawvideo -pix_fmt rgb24"
        let expected = try shell("ffmpeg -v error -nostdin \(same) -")
        try #require(pixels.count == 160 * 120 * 3)
        try #require(expected.count == pixels.count)
        let difference = zip(pixels, expected).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(pixels.count) < 6)
    }

    @Test func croppedPartsAreNotShown() throws {
        let folder = try Folder()
        try ffmpeg(
            "-f lavfi -i color=white:size=320x240:rate=10:duration=2 -vf drawbox=w=160:h=240:color=black:t=fill "
                + folder("a.mkv")
        )
        let tap = PictureTap()
        let right = Region(x: 0.5, y: 0, width: 0.5, height: 1)
        _ = try Self.read(folder("a.mkv"), tap: tap, crop: right, asking: 1)
        try folder.write(try #require(try tap.jpeg(waiting: .zero)).bytes, to: "a.jpg")
        let pixels = try shell("ffmpeg -v error -nostdin -i \(folder("a.jpg")) -f rawvideo -pix_fmt gray -")
        #expect(pixels.count == 160 * 240)
        #expect(pixels.dropFirst(4).allSatisfy { $0 > 150 })
        #expect(pixels.count { $0 > 240 } > pixels.count * 95 / 100)
    }

    @Test(arguments: [
        (1920, 1080, 640, 360), (320, 240, 320, 240), (321, 241, 320, 240), (5, 5, 16, 16), (4, 4000, 16, 2560),
        (1080, 1920, 640, 1138),
    ])
    func sizesAreEvenAndKeepTheShape(width: Int, height: Int, smallWidth: Int, smallHeight: Int) {
        let size = PlanarPicture.size(of: width, height, widest: 640)
        #expect(size == (smallWidth, smallHeight))
    }
}

extension Folder {
    fileprivate func write(_ bytes: [UInt8], to name: String) throws {
        let file = try #require(fopen(self(name), "w"))
        defer { fclose(file) }
        try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}
