import Capture
import Frames
import System
import TestSupport
import Testing

@Suite(.serialized, .ownThread) struct SamplingTests {
    // The intervals are chosen so that no tick lies halfway between two pictures.

    /// The times of the pictures nearest to the ticks of a grid that starts at the first picture, found by exhaustive
    /// search.
    static func nearest(_ times: [Double], interval: Double, lastDuration: Double) throws -> [Double] {
        let (first, last) = (try #require(times.first), try #require(times.last))
        var chosen: [Double] = []
        for tick in 0... {
            let position = first + Double(tick) * interval
            if position > last + lastDuration / 2 { break }
            let best = try #require(times.min { abs($0 - position) < abs($1 - position) })
            if chosen.last != best { chosen.append(best) }
        }
        return chosen
    }

    @Test(arguments: [0.1131, 0.3173, 0.5311, 0.7713])
    func choosesTheNearestPicturesDespiteReordering(interval: Double) throws {
        let folder = try Folder()
        let clip = folder("reordered.mp4")
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25 -t 4 -c:v libx264 -bf 3 -pix_fmt yuv420p \(clip)")
        let ours = try record(clip, thumbnail, every: interval)
        let expected = try Self.nearest(try ffprobeTimes(clip), interval: interval, lastDuration: 0.04)
        #expect(ours.times.count == expected.count)
        for (time, wanted) in zip(ours.times, expected) { #expect(abs(time - wanted) < 1e-5) }
    }

    @Test(arguments: [0.2071, 0.4513])
    func choosesTheNearestPicturesAtAVariableRate(interval: Double) throws {
        let folder = try Folder()
        let clip = folder("variable.mkv")
        // A gap of one second in the middle; elsewhere every third picture is missing.
        try ffmpeg(
            "-f lavfi -i testsrc2=size=64x48:rate=20 -t 5 -vf \"select='mod(n,3)*not(between(n,40,60))'\" "
                + "-vsync vfr -c:v libx264 -pix_fmt yuv420p \(clip)"
        )
        let ours = try record(clip, thumbnail, every: interval)
        let times = try ffprobeTimes(clip)
        let expected = try Self.nearest(times, interval: interval, lastDuration: 0.05)
        // The container defines the last picture's duration, so the end may differ by one tick.
        let count = min(ours.times.count, expected.count)
        #expect(abs(ours.times.count - expected.count) <= 1)
        for (time, wanted) in zip(ours.times[..<count], expected) { #expect(abs(time - wanted) < 1e-5) }
        #expect(ours.frames.contains { $0.ticks.count > 1 } == (interval < 0.3))
    }

    @Test(arguments: ["libx264 -bf 3", "libx264 -bf 0", "libx265 -x265-params log-level=none:bframes=4", "mpeg4 -bf 2"])
    func skippingPicturesChangesNothing(codec: String) throws {
        let folder = try Folder()
        let clip = folder("clip.mp4")
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25 -t 6 -c:v \(codec) -pix_fmt yuv420p \(clip)")
        for interval in [0.5, 0.73] {
            let skipping = try record(clip, thumbnail, every: interval)
            let complete = try record(clip, thumbnail, every: interval) { $0.skipsNonReference = false }
            #expect(skipping.frames == complete.frames)
            #expect(skipping.pixels == complete.pixels)
            #expect(complete.statistics.skippablePackets == 0)
            #expect(complete.statistics.decodedFrames == 150)
            if !codec.contains("-bf 0") { #expect(skipping.statistics.decodedFrames < 130) }
        }
    }

    @Test func threadsChangeNothing() throws {
        let folder = try Folder()
        let clip = folder("clip.mp4")
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25 -t 3 -c:v libx264 -bf 2 -pix_fmt yuv420p \(clip)")
        let one = try record(clip, thumbnail, every: 0.4) { $0.decodeThreads = 1 }
        let four = try record(clip, thumbnail, every: 0.4) { $0.decodeThreads = 4 }
        #expect(one.frames == four.frames)
        #expect(one.pixels == four.pixels)
    }

    @Test func generatedPicturesPlayAtTheirOwnPace() throws {
        let clock = ManualClock()
        let ours = try record(
            "lavfi:testsrc2=size=64x48:rate=10:duration=1.2",
            thumbnail,
            every: 0.5,
            clock.cancellation()
        ) { $0.pace = .realTime }
        #expect(ours.frames.map(\.ticks) == [0..<1, 1..<2, 2..<3])
        #expect(!ours.info.isLive)
        // By a clock that only its sleep moves: the last of twelve pictures is due 1.1 s after the first.
        #expect(abs(clock.now / .seconds(1) - 1.1) < 1e-6)
    }
}
