import Foundation
import Frames
import TestSupport
import Testing

@testable import Capture
@testable import System

/// Strips and clips of events, compared with the ffmpeg program: its tile filter, its decoder, and whether it reads the
/// file without errors.
@Suite(.serialized, .ownThread) struct EventPictureTests {
    /// Two seconds of H.264 with B-frames, a key frame every ten pictures.
    private func film(in folder: Folder, _ name: String = "film.mp4") throws -> String {
        try ffmpeg(
            "-f lavfi -i testsrc2=size=64x48:rate=25 -t 2 -c:v libx264 -pix_fmt yuv420p -g 10 -keyint_min 10 -sc_threshold 0 "
                + "-bf 2 \(folder(name))"
        )
        return folder(name)
    }

    private func read(_ url: String, every interval: Double, taps: SourceTaps) throws {
        var options = SourceOptions(patient: url, every: interval)
        options.pace = .asFast
        var source = try VideoSource.open(options, cancellation: Cancellation(), taps: taps)
        var bytes = [UInt8](repeating: 0, count: thumbnail.byteCount)
        while try bytes.withUnsafeMutableBufferPointer({ try source.next(into: $0) }) != nil {}
    }

    /// A hash of each decoded picture of a file, in order.
    private func pictures(of path: String) throws -> [String] {
        let output = try shell("ffmpeg -v error -nostdin -i \(path) -map v:0 -f framemd5 -")
        return String(decoding: output, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
            $0.split(separator: ",").last?.trimmingCharacters(in: .whitespaces)
        }
    }

    private func difference(_ one: [UInt8], _ other: [UInt8]) throws -> Double {
        try #require(one.count == other.count && !one.isEmpty)
        return zip(one, other).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) } / Double(one.count)
    }

    @Test func stripEqualsFFmpegsTilesOfTheLastPictures() throws {
        let folder = try Folder()
        // Each picture is a little brighter than the one before.
        let path = folder("film.mp4")
        try ffmpeg("-f lavfi -i \"color=size=64x48:rate=25,geq=lum='20+4*N':cb=128:cr=128\" -t 2 -c:v libx264 \(path)")
        let history = PictureHistory(capacity: 12)
        // Every picture is sampled. Of fifty, the last twelve remain, eight of them in the first row.
        try read(path, every: 0.04, taps: SourceTaps(history: history))
        let strip = try #require(history.strip(until: .seconds(1_000_000_000)))
        #expect(strip.count == 12)
        try Data(try strip.jpeg()).write(to: URL(fileURLWithPath: folder("strip.jpg")))

        func pixels(_ arguments: String) throws -> [UInt8] {
            try shell("ffmpeg -v error -nostdin -i \(arguments) -frames:v 1 -pix_fmt rgb24 -f rawvideo -")
        }
        let ours = try pixels(folder("strip.jpg"))
        let theirs = try pixels("\(path) -vf \"select='gte(n,38)',tile=8x2\" -vsync passthrough")
        #expect(ours.count == 8 * 64 * 2 * 48 * 3)
        #expect(try difference(ours, theirs) < 2)
        let shifted = try pixels("\(path) -vf \"select='gte(n,37)*lt(n,49)',tile=8x2\" -vsync passthrough")
        #expect(try difference(ours, shifted) > 3)
    }

    private func write(_ clip: PacketClip, to path: String) throws {
        let file = FileDescriptor(owning: open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600))
        try clip.write(to: file.raw, place: path)
    }

    @Test func stripEndsAtTheDecision() {
        let history = PictureHistory(capacity: 4)
        #expect(history.strip(until: .seconds(9)) == nil)
        for second in 1...6 {
            var picture = PlanarPicture(width: 2, height: 2)
            picture.bytes[0] = UInt8(second)
            history.put(picture, takenAt: .seconds(second))
        }
        func shown(until time: Duration) -> [UInt8] {
            history.strip(until: time)?.pictures.map { $0.bytes[0] } ?? []
        }
        #expect(shown(until: .seconds(9)) == [3, 4, 5, 6])
        #expect(shown(until: .seconds(4.5)) == [3, 4])
        // A decision that took longer than what is kept has the picture nearest to it.
        #expect(shown(until: .seconds(2)) == [3])
    }

    @Test func clipHoldsTheSourcesPicturesUnchanged() throws {
        let folder = try Folder()
        let path = try film(in: folder)
        let ring = PacketRing(length: .seconds(60))
        try read(path, every: 0.4, taps: SourceTaps(packets: ring))
        let clip = try #require(ring.clip(from: .zero, to: .seconds(1_000_000_000)))
        try write(clip, to: folder("clip.mp4"))
        #expect(try pictures(of: folder("clip.mp4")) == pictures(of: path))
        let times = try ffprobeTimes(folder("clip.mp4"))
        #expect(times.count == 50)
        #expect(abs((times.last ?? 0) - (times.first ?? 0) - 49 * 0.04) < 0.001)
    }

    @Test func clipFromATransportStreamIsPlayable() throws {
        let folder = try Folder()
        let path = try film(in: folder, "film.ts")
        let ring = PacketRing(length: .seconds(60))
        try read(path, every: 0.4, taps: SourceTaps(packets: ring))
        try write(try #require(ring.clip(from: .zero, to: .seconds(1_000_000_000))), to: folder("clip.mp4"))
        #expect(try pictures(of: folder("clip.mp4")) == pictures(of: path))
    }

    /// What a live source says of itself before its first picture has no size, and perhaps no parameter sets, without which
    /// ffprobe would not call H.264 "avc". Still pictures have no time either.
    @Test(arguments: ["rtsp?fps=10", "rtsp?fps=10&sprop=0", "mjpeg?fps=10", "snap.jpg"])
    func clipFromALiveSourceIsPlayable(path: String) throws {
        let cameras = try OddCameras()
        let query = path.hasPrefix("rtsp?") ? String(path.dropFirst(5)) : nil
        let url = query.map { cameras.rtsp($0) } ?? cameras.http(path)
        var options = SourceOptions(patient: url, every: 0.5)
        if path == "snap.jpg" { options.poll = .milliseconds(200) }
        let ring = PacketRing(length: .seconds(3600))
        let began = MonotonicTime.now
        var source = try VideoSource.open(options, cancellation: Cancellation(), taps: SourceTaps(packets: ring))
        var bytes = [UInt8](repeating: 0, count: thumbnail.byteCount)
        for _ in 0..<3 { _ = try bytes.withUnsafeMutableBufferPointer { try source.next(into: $0) } }
        let passed = (MonotonicTime.now - began).seconds
        let folder = try Folder()
        let clip = try #require(ring.clip(from: .zero, to: .seconds(1_000_000_000)))
        try write(clip, to: folder("clip.mp4"))
        let entries = "-select_streams v:0 -show_entries stream=width,height,is_avc -of csv=p=0"
        let shown = String(decoding: try shell("ffprobe -v error \(entries) \(folder("clip.mp4"))"), as: UTF8.self)
        #expect(shown.hasPrefix(query == nil ? "160,120" : "160,120,true"), "\(shown)")
        let times = try ffprobeTimes(folder("clip.mp4"))
        #expect(times.count == clip.packets.count && times.count >= 3, "\(times.count) of \(clip.packets.count)")
        // None came before the opening or after the end.
        if query == nil { #expect((times.last ?? 0) - (times.first ?? 0) <= passed) }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    }

    /// A container's stamps may be any of 64 bits. What comes after the last of them has no place in a file.
    @Test func stampsAtTheEndOfTheirRangeAreNoTrap() throws {
        let folder = try Folder()
        let ring = PacketRing(length: .seconds(60))
        try read(try film(in: folder), every: 0.4, taps: SourceTaps(packets: ring))
        let parameters = try #require(ring.clip(from: .zero, to: .seconds(1_000_000_000))).parameters
        let packets = [-1, Int64.max - 1, Int64.max - 1, 0].compactMap { stamp in
            [UInt8](repeating: 0, count: 8).withUnsafeBufferPointer {
                KeptPacket(bytes: $0, pts: stamp, dts: stamp, isKey: true)
            }
        }
        try #require(packets.count == 4)
        // Whether MP4 can hold them is its own matter.
        _ = try? write(PacketClip(parameters: parameters, packets: packets), to: folder("clip.mp4"))
    }

    @Test func oldPacketsAreDroppedInWholeGroups() throws {
        let folder = try Folder()
        let path = try film(in: folder)
        let ring = PacketRing(length: .zero)
        try read(path, every: 0.4, taps: SourceTaps(packets: ring))
        let clip = try #require(ring.clip(from: .zero, to: .seconds(1_000_000_000)))
        try write(clip, to: folder("clip.mp4"))
        #expect(try pictures(of: folder("clip.mp4")) == Array(pictures(of: path).suffix(10)))
    }

    @Test func ringStaysWithinItsByteLimit() throws {
        let folder = try Folder()
        let path = try film(in: folder)
        let all = PacketRing(length: .seconds(60))
        try read(path, every: 0.4, taps: SourceTaps(packets: all))
        let half = PacketRing(length: .seconds(60), byteLimit: all.byteCount / 2)
        try read(path, every: 0.4, taps: SourceTaps(packets: half))
        #expect((1...all.byteCount / 2).contains(half.byteCount))
        let none = PacketRing(length: .seconds(60), byteLimit: 100)
        try read(path, every: 0.4, taps: SourceTaps(packets: none))
        #expect(none.byteCount <= 100)
        #expect(none.clip(from: .zero, to: .seconds(1_000_000_000)) == nil)
    }

    @Test func rawPicturesAreNotKept() throws {
        let ring = PacketRing(length: .seconds(60))
        var options = SourceOptions(patient: "lavfi:testsrc2=size=64x48:rate=25", every: 0.1)
        options.pace = .asFast
        var source = try VideoSource.open(options, cancellation: Cancellation(), taps: SourceTaps(packets: ring))
        var bytes = [UInt8](repeating: 0, count: thumbnail.byteCount)
        for _ in 0..<5 { _ = try bytes.withUnsafeMutableBufferPointer { try source.next(into: $0) } }
        #expect(!ring.holdsVideo && ring.byteCount == 0)
        #expect(ring.clip(from: .zero, to: .seconds(1_000_000_000)) == nil)
    }

    @Test func codecWithoutMP4SupportIsAnError() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25 -t 1 -c:v ffv1 \(folder("film.mkv"))")
        let ring = PacketRing(length: .seconds(60))
        try read(folder("film.mkv"), every: 0.4, taps: SourceTaps(packets: ring))
        let clip = try #require(ring.clip(from: .zero, to: .seconds(1_000_000_000)))
        let path = folder("clip.mp4")
        let error = try #require(throws: CaptureError.self) { try write(clip, to: path) }
        #expect(error.message.hasPrefix("cannot write \(path): "))
        #expect(!error.message.contains("\n"))
    }
}
