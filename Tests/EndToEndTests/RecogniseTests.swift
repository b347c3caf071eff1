import Foundation
import Testing
import Text

/// `watchword recognise` on files that ffmpeg makes.
@Suite(.serialized) struct RecogniseTests {
    private static let rate = 25.0
    private static let window = 3.0
    /// The tiny model's.
    private static let frameCount = 4

    @Test(arguments: ["exact", "sweep", "cached"])
    func aDecisionALineFromTheFirstFullWindowOn(reuse: String) async throws {
        try await withClip { directory, clip in
            let outcome = try await recognise(clip, ["--reuse", reuse, "--json"], in: directory)
            try #require(outcome.ending == .exit(0), "\(outcome)")
            #expect(outcome.errors.isEmpty)
            let decisions = try outcome.outputLines.map { try JSONValue(parsing: $0) }
            // 6 s hold eight ticks 0.75 s apart, and four of them make the first window.
            #expect(decisions.count == 5)
            for (index, decision) in decisions.enumerated() {
                #expect(decision.keys == ["type", "time", "frames", "reuse", "logits", "scores"])
                #expect(decision.type == "scores")
                #expect(decision["reuse"]?.string == reuse)
                #expect(decision["logits"]?.keys == ["a dog", "a cat"])
                #expect(decision["scores"]?.keys == ["a dog", "a cat"])
                for label in ["a dog", "a cat"] {
                    let score = try #require(decision["scores"]?[label]?.number)
                    #expect((0...1).contains(score))
                    let logit = try #require(decision["logits"]?[label]?.number)
                    #expect(logit.isFinite)
                }
                try expectFrames(of: decision, from: index)
            }
        }
    }

    /// Each frame is the one nearest to its tick, T ticks to the window.
    private func expectFrames(of decision: JSONValue, from tick: Int) throws {
        let frames = try #require(decision["frames"]?.array).compactMap(\.number)
        #expect(frames.count == Self.frameCount)
        #expect(decision["time"]?.number == frames.last)
        let interval = Self.window / Double(Self.frameCount)
        for (index, time) in frames.enumerated() {
            #expect(abs(time - Double(tick + index) * interval) <= 0.5 / Self.rate + 1e-6, "\(frames)")
        }
    }

    @Test func hopLeavesDecisionsOut() async throws {
        try await withClip { directory, clip in
            let all = try await recognise(clip, ["--json"], in: directory)
            let some = try await recognise(clip, ["--json", "--hop", "2"], in: directory)
            #expect(all.outputLines.count == 5)
            #expect(some.outputLines == [0, 2, 4].map { all.outputLines[$0] })
        }
    }

    @Test func theSameRunGivesTheSameLines() async throws {
        try await withClip { directory, clip in
            let first = try await recognise(clip, ["--json"], in: directory)
            let second = try await recognise(clip, ["--json"], in: directory)
            #expect(first.output == second.output)
        }
    }

    @Test func labelsComeFromAFileAsWell() async throws {
        try await withClip { directory, clip in
            let file = try directory.write("# animals\n\na dog\n  a cat  \n", to: "labels")
            let options = ["--labels", file, "--window", "3s", "--json"]
            let fromFile = try await watchword(["recognise", clip, "--model", Tree.tinyModel] + options, in: directory)
            let fromOptions = try await recognise(clip, ["--json"], in: directory)
            #expect(fromFile.output == fromOptions.output)
        }
    }

    @Test func textIsForPeople() async throws {
        try await withClip { directory, clip in
            let outcome = try await recognise(clip, [], in: directory)
            #expect(outcome.ending == .exit(0))
            #expect(outcome.outputLines.count == 5)
            for line in outcome.outputLines {
                let pattern = /\ +\d+\.\d\d s   (\d\.\d{3}) (a dog|a cat)   (\d\.\d{3}) (a dog|a cat)/
                let match = try #require(line.wholeMatch(of: pattern), "\(line)")
                #expect(match.1 >= match.3, "the highest score comes first: \(line)")
                #expect(match.2 != match.4)
            }
        }
    }

    @Test func aReaderThatGoesAwayEndsItQuietly() async throws {
        try await TemporaryDirectory.with { directory in
            // Without an end: only the reader's going ends it.
            let source = "lavfi:testsrc2=size=64x48:rate=25"
            let arguments = "recognise \(source) --model \(Tree.tinyModel) --label dog --window 1s --json"
            let script = try "set -o pipefail; '\(Program.path())' \(arguments) | head -n 1"
            try await ChildProcess.with("/bin/bash", ["-c", script], in: directory, name: "pipe") { pipe in
                let ending = try await pipe.finish()
                #expect(ending == .exit(0))
                #expect(pipe.output.split(separator: "\n").count == 1)
                #expect(pipe.errors.isEmpty, "\(pipe.errors)")
            }
        }
    }

    @Test func aModelOfRandomWeightsIsWrittenAndUsed() async throws {
        try await withClip { directory, clip in
            let written = try await watchword(["model", "random", directory("model"), "--size", "tiny"], in: directory)
            #expect(written.ending == .exit(0), "\(written)")
            let again = try await watchword(["model", "random", directory("model"), "--size", "tiny"], in: directory)
            #expect(again.ending == .exit(1), "\(again)")
            #expect(again.errors.contains("already exists; name another directory or remove it"), "\(again)")
            let arguments = ["recognise", clip, "--model", directory("model"), "--label", "a dog", "--window", "2s"]
            let outcome = try await watchword(arguments, in: directory)
            #expect(outcome.ending == .exit(0), "\(outcome)")
            #expect(!outcome.output.isEmpty)
        }
    }

    private func withClip(_ body: (TemporaryDirectory, String) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let source = "-f lavfi -i testsrc2=size=160x120:rate=\(Int(Self.rate)):duration=6"
            try await ffmpeg("\(source) -c:v libx264 -pix_fmt yuv420p", to: directory("clip.mp4"), in: directory)
            try await body(directory, directory("clip.mp4"))
        }
    }

    private func recognise(
        _ clip: String,
        _ options: [String],
        in directory: TemporaryDirectory
    ) async throws -> Outcome {
        let labels = ["--label", "a dog", "--label", "a cat"]
        let arguments = ["recognise", clip, "--model", Tree.tinyModel, "--window", "\(Int(Self.window))s"]
        return try await watchword(arguments + labels + options, in: directory)
    }
}
