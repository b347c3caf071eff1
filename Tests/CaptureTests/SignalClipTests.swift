import Capture
import Frames
import Glibc
import Signals
import TestSupport
import Testing

/// Clips that ffmpeg makes with a known fault of the signal, decoded as a camera's stream is.
@Suite(.serialized, .ownThread) struct SignalClipTests {
    private static let x264 = "-c:v libx264 -preset veryfast -crf 28 -g 16 -pix_fmt yuv420p"
    private static let moving = "testsrc2=size=640x360:rate=8"

    private func scores(
        of clip: String,
        watchesCamera: Bool = false
    ) throws -> [(time: Double, scores: SignalScores)] {
        var judge = SignalJudge()
        return try record(clip, thumbnail, every: 0.25) { $0.watchesCamera = watchesCamera }.frames.map { frame in
            (frame.time, judge.scores(of: try #require(frame.measures)))
        }
    }

    private func scores(_ input: String, filter: String = "null", seconds: Int = 2) throws -> [(
        time: Double, scores: SignalScores
    )] {
        let folder = try Folder()
        let clip = folder("clip.mkv")
        try ffmpeg("-f lavfi -i \"\(input)\" -vf \"\(filter)\" -t \(seconds) \(Self.x264) \(clip)")
        return try scores(of: clip)
    }

    private func present(_ scores: SignalScores) -> [Signal] { Signal.allCases.filter { scores[$0] >= 0.5 } }

    @Test(arguments: [0, 8, 16, 40, 128, 235])
    func aFlatPictureOfAnyLevelIsBlank(level: Int) throws {
        // The level as coded, of limited range.
        let all = try scores("color=size=640x360:rate=8", filter: "geq=lum=\(level):cb=128:cr=128")
        #expect(all.count >= 8)
        for moment in all { #expect(present(moment.scores) == [.blank], "\(moment)") }
    }

    @Test(arguments: ["0x1030d0", "0xc02010", "0x30a040"])
    func aFlatColourIsBlank(colour: String) throws {
        for moment in try scores("color=c=\(colour):size=640x360:rate=8") {
            #expect(present(moment.scores) == [.blank], "\(moment)")
        }
    }

    @Test func aPictureWithDetailShowsNothing() throws {
        // With a camera's noise: 8/√3 levels, as ffmpeg's filter has it.
        let all = try scores(Self.moving, filter: "noise=c0s=8:c0f=t")
        #expect(all.count >= 8)
        for moment in all { #expect(present(moment.scores) == [], "\(moment)") }
    }

    /// The filter's noise has a deviation of its strength / √3: 23 and 46 levels.
    @Test(arguments: [40, 80])
    func strongNoiseIsNoise(strength: Int) throws {
        let all = try scores(Self.moving, filter: "noise=c0s=\(strength):c0f=t")
        for moment in all { #expect(present(moment.scores) == [.noise], "\(moment)") }
    }

    @Test func aSixteenthOfTheLevelsIsDark() throws {
        for moment in try scores(Self.moving, filter: "lutyuv=y=16+(val-16)/16:u=128:v=128") {
            #expect(moment.scores[.dark] >= 0.5 && moment.scores[.blank] < 0.5, "\(moment)")
        }
    }

    @Test func coloursThatGoAreInfrared() throws {
        let all = try scores(Self.moving, filter: "hue=s='if(lt(t,4),1,0)'", seconds: 8)
        for moment in all where moment.time < 4 { #expect(moment.scores[.infrared] == 0, "\(moment)") }
        for moment in all where moment.time > 4.5 { #expect(present(moment.scores).contains(.infrared), "\(moment)") }
        for moment in try scores(Self.moving, filter: "hue=s=0", seconds: 4) {
            #expect(moment.scores[.infrared] == 0, "\(moment)")
        }
    }

    /// The codec codes the same picture again and again, under a clock that moves.
    @Test(arguments: [x264, "-c:v mjpeg -q:v 6 -pix_fmt yuvj420p"])
    func aPictureThatStandsUnderAClockIsFrozen(codec: String) throws {
        let folder = try Folder()
        let (still, clip) = (folder("still.png"), folder("clip.mkv"))
        try ffmpeg("-f lavfi -i \"\(Self.moving),noise=alls=12\" -frames:v 1 \(still)")
        try ffmpeg(
            "-loop 1 -framerate 8 -i \(still) -f lavfi -i testsrc=size=120x24:rate=8 "
                + "-filter_complex overlay=8:8 -t 20 \(codec) \(clip)"
        )
        let all = try scores(of: clip).filter { $0.time > 2 }
        #expect(all.count > 60)
        let frozen = all.count { $0.scores[.frozen] >= 0.5 }
        #expect(frozen * 10 >= all.count * 9, "\(frozen) of \(all.count)")
    }

    @Test func aStillSceneWithACamerasNoiseIsNotFrozen() throws {
        let folder = try Folder()
        let (still, clip) = (folder("still.png"), folder("clip.mkv"))
        try ffmpeg("-f lavfi -i \(Self.moving) -frames:v 1 \(still)")
        try ffmpeg(
            "-loop 1 -framerate 8 -i \(still) -vf noise=c0s=6:c0f=t -t 6 "
                + "-c:v libx264 -preset veryfast -crf 20 -pix_fmt yuv420p \(clip)"
        )
        for moment in try scores(of: clip) { #expect(moment.scores[.frozen] < 0.5, "\(moment)") }
    }

    /// One byte in a thousand is another one, as on a poor line.
    @Test func flippedBytesAreDamage() throws {
        let folder = try Folder()
        let clip = folder("clip.h264")
        try ffmpeg("-f lavfi -i \(Self.moving) -t 16 \(Self.x264) -bf 0 -f h264 \(clip)")
        for moment in try scores(of: clip) { #expect(moment.scores[.damaged] == 0) }

        // What lies before is the description of the stream.
        let damaged = try damage(clip, in: folder) { 1000..<$0 }
        let all = try scores(of: damaged)
        #expect(all.contains { $0.scores[.damaged] >= 0.5 }, "\(all.map(\.scores))")
    }

    private static let h264 = "-c:v libx264 -tune zerolatency -g 40 -keyint_min 40 -sc_threshold 0 -pix_fmt yuv420p"
    private static let h265 =
        "-c:v libx265 -x265-params keyint=40:min-keyint=40:scenecut=0:bframes=0:log-level=none -pix_fmt yuv420p"

    /// Decoders conceal what is lost whole, and flag nothing. Lost: every third picture of two seconds, two seconds, or a key
    /// frame and another. (Not 16 pictures in a row: x264 numbers them modulo 16.)
    @Test(arguments: [h264, h265], ["between(n,41,60)*eq(mod(n,3),2)", "between(n,44,58)", "eq(n,40)+eq(n,43)"])
    func picturesThatAreLostWholeAreDamage(codec: String, lost: String) throws {
        let folder = try Folder()
        let (clip, damaged) = (folder("clip.ts"), folder("damaged.ts"))
        try ffmpeg("-f lavfi -i testsrc2=size=320x240:rate=8 -t 10 \(codec) \(clip)")
        for moment in try scores(of: clip) { #expect(moment.scores[.damaged] == 0, "\(moment)") }

        try ffmpeg("-i \(clip) -c copy -bsf:v \"noise=drop='\(lost)'\" \(damaged)")
        let all = try scores(of: damaged)
        for moment in all where moment.time < 4.5 { #expect(moment.scores[.damaged] == 0, "\(moment)") }
        #expect(all.contains { $0.scores[.damaged] >= 0.5 }, "\(all.map { $0.scores[.damaged] })")
    }

    /// An encoder that sends in layers leaves some of them out: its pictures come evenly all the same. The same pictures with
    /// gaps in their times are damage.
    @Test(arguments: [(",setts=ts=N*7500", false), ("", true)])
    func whatWasNeverSentIsNoDamage(times: String, isDamaged: Bool) throws {
        let folder = try Folder()
        let (clip, sent) = (folder("clip.ts"), folder("sent.ts"))
        try ffmpeg("-f lavfi -i testsrc2=size=320x240:rate=16 -t 10 \(Self.h264) \(clip)")
        try ffmpeg("-i \(clip) -c copy -bsf:v \"noise=drop='eq(mod(n,4),1)'\(times)\" \(sent)")
        let all = try scores(of: sent)
        #expect(all.count > 30)
        #expect(all.contains { $0.scores[.damaged] > 0 } == isDamaged, "\(all.map { $0.scores[.damaged] })")
    }

    /// A recorder's decoder conceals the damage, and its encoder codes what is left. No decoder reports anything after that.
    @Test func damageThatWasCodedAgainIsSeen() throws {
        let folder = try Folder()
        let clip = folder("clip.h264")
        let source = "-f lavfi -i mandelbrot=size=640x360:rate=10 -t 12 -c:v libx264 -preset veryfast -crf 28"
        try ffmpeg("\(source) -g 40 -x264-params slices=6 -bf 0 -pix_fmt yuv420p -f h264 \(clip)")
        let damaged = try damage(clip, in: folder) { $0 / 2..<$0 * 3 / 4 }
        for (name, isDamaged) in [(clip, false), (damaged, true)] {
            let again = folder("again.mkv")
            try ffmpeg("-y -i \(name) \(Self.x264) \(again)")
            let all = try scores(of: again, watchesCamera: true)
            #expect(all.count > 40)
            #expect(all.contains { $0.scores[.damaged] >= 0.5 } == isDamaged, "\(all.map { $0.scores[.damaged] })")
            #expect(!all.contains { $0.time < 4 && $0.scores[.damaged] >= 0.5 })
        }
    }

    /// The file with one byte in a thousand changed, within a part of it.
    private func damage(_ clip: String, in folder: Folder, _ part: (Int) -> Range<Int>) throws -> String {
        var bytes = try shell("cat \(clip)")
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<bytes.count / 1000 {
            let place = Int.random(in: part(bytes.count), using: &generator)
            bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
        }
        let damaged = folder("damaged.h264")
        let file = try #require(fopen(damaged, "w"))
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        return damaged
    }
}
