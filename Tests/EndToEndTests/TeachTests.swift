import Foundation
import Testing
import Text

/// A happening that the embedded model never saw, the colours turn into their negative, taught by four clips of quiet
/// stretches of the drawn scenes to which that was done.
@Suite(.serialized) struct TeachTests {
    private static let label = "the colours are inverted"

    /// Four seconds of a scene from `start` on, its colours inverted after some of them.
    private func clip(
        _ name: String,
        _ scene: String,
        from start: Double,
        at moment: Double?,
        in directory: TemporaryDirectory
    )
        async throws -> String
    {
        let filter = moment.map { " -vf negate=enable='gte(t,\($0))'" } ?? ""
        let path = directory(name)
        try await ffmpeg("-ss \(start) -t 4 -i \(Tree.streams)/\(scene).mp4\(filter) -r 10", to: path, in: directory)
        return path
    }

    private func examples(in directory: TemporaryDirectory) async throws -> [String] {
        let cuts = [("demo", 0.5, 1.2), ("demo", 4.0, 1.6), ("camera", 0.5, 1.4), ("camera", 4.0, 2.0)]
        var clips: [String] = []
        for (index, (scene, start, moment)) in cuts.enumerated() {
            clips.append(try await clip("inverted\(index + 1).mp4", scene, from: start, at: moment, in: directory))
        }
        return clips
    }

    private func configuration(_ examples: [String], in directory: TemporaryDirectory) throws -> String {
        let names = examples.map { ($0 as NSString).lastPathComponent }.joined(separator: ", ")
        let text =
            "streams:\n  - name: hall\n    url: ./live.mp4\n    labels:\n"
            + "      - {name: inverted, text: \(Self.label), min_duration: 0s"
            + (examples.isEmpty ? "" : ", examples: [\(names)]") + "}\n      - the lights go out\n"
        return try directory.write(text, to: examples.isEmpty ? "plain.yaml" : "taught.yaml")
    }

    private func environment(_ directory: TemporaryDirectory) -> [String: String?] {
        ["XDG_CACHE_HOME": directory("cache"), "WATCHWORD_EVENTS_SOCKET": directory.socket]
    }

    private func run(_ arguments: [String], in directory: TemporaryDirectory) async throws -> Outcome {
        try await watchword(arguments, environment: environment(directory), in: directory)
    }

    private func kept(in directory: TemporaryDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory("cache/watchword/examples")).sorted()
    }

    @Test func whatIsTaughtIsTold() async throws {
        try await TemporaryDirectory.with { directory in
            let clips = try await examples(in: directory)
            let taught = try configuration(clips, in: directory)
            let plain = try configuration([], in: directory)

            let lesson = try await run(["teach", "--config", taught, "--json"], in: directory)
            try #require(lesson.ending == .exit(0), "\(lesson)")
            let report = try JSONValue(parsing: try #require(lesson.outputLines.first))
            #expect(report["label"]?.string == "inverted" && report["examples"]?.array?.count == 4)
            #expect(report["weight"]?.number ?? 0 > 0, "\(report)")
            let separation = try #require(report["separation"])
            #expect(
                try #require(separation["taught"]?.number) > (try #require(separation["text"]?.number)) + 1,
                "\(report)"
            )

            // A stretch that no example shows: the later part of a scene, after its lights came on again.
            let unseen = try await clip("unseen.mp4", "camera", from: 30.5, at: 2, in: directory)
            let quiet = try await clip("quiet.mp4", "camera", from: 30.5, at: nil, in: directory)
            func events(_ file: String, _ video: String) async throws -> Int64? {
                let outcome = try await run(["replay", video, "--config", file, "--json"], in: directory)
                try #require(outcome.ending == .exit(0), "\(outcome)")
                return try JSONValue(parsing: try #require(outcome.outputLines.last))["labels"]?["inverted"]?["events"]?
                    .integer
            }
            #expect(try await events(plain, unseen) == 0)
            #expect(try await events(taught, unseen) == 1)
            #expect(try await events(taught, quiet) == 0)

            // Made once, and made again where what is kept is broken.
            let names = try kept(in: directory)
            #expect(names.count == 4 && names.allSatisfy { $0.hasSuffix(".features") })
            let damaged = directory("cache/watchword/examples/\(names[0])")
            let size = try #require(FileManager.default.contents(atPath: damaged)).count
            try Data("damaged".utf8).write(to: URL(filePath: damaged))
            let again = try await run(["teach", "--config", taught, "--json"], in: directory)
            #expect(again.output == lesson.output)
            #expect(try kept(in: directory) == names)
            #expect(FileManager.default.contents(atPath: damaged)?.count == size)

            // The same clips without a configuration, for people.
            let spoken = try await run(["teach", "--label", Self.label] + clips, in: directory)
            #expect(spoken.ending == .exit(0), "\(spoken)")
            #expect(
                spoken.outputLines.first?.hasPrefix("\(Self.label): \"\(Self.label)\", 4 examples, weight ") == true
            )
            #expect(spoken.output.contains("inverted3.mp4") && spoken.output.contains("stand apart by"))

            let check = try await run(["check", "--config", taught], in: directory)
            #expect(
                check.output.contains(
                    "examples = inverted1.mp4, inverted2.mp4, inverted3.mp4, inverted4.mp4   (taught.yaml:5)"
                )
            )
        }
    }

    /// No cache at all costs time and nothing else.
    @Test func aCacheThatCannotBeWrittenIsNoError() async throws {
        try await TemporaryDirectory.with { directory in
            let clips = try await Array(examples(in: directory).prefix(2))
            try directory.write("a file", to: "cache")
            let outcome = try await run(["teach", "--label", Self.label, "--json"] + clips, in: directory)
            #expect(outcome.ending == .exit(0) && outcome.errors.isEmpty, "\(outcome)")
        }
    }

    @Test func anExampleThatIsNoneIsOneLineWithItsPlace() async throws {
        try await TemporaryDirectory.with { directory in
            let clips = try await Array(examples(in: directory).prefix(2))
            let file = try configuration(clips, in: directory)
            try directory.write("no video", to: "inverted2.mp4")
            for verb in [["teach"], ["replay", clips[0]], ["run"]] {
                let outcome = try await run(verb + ["--config", file], in: directory)
                #expect(outcome.ending == .exit(78), "\(verb): \(outcome)")
                #expect(outcome.errors.contains("taught.yaml:5:"), "\(verb): \(outcome)")
                #expect(outcome.errors.contains("inverted2.mp4 cannot be used"), "\(verb): \(outcome)")
            }
            try FileManager.default.removeItem(atPath: clips[0])
            let outcome = try await run(["check", "--config", file], in: directory)
            #expect(outcome.ending == .exit(78))
            #expect(outcome.errorLines.count == 1 && outcome.errors.contains("\"inverted1.mp4\" does not exist"))
        }
    }

    /// There is no configuration that could be wrong.
    @Test func aVideoOfTheCommandLineThatIsNoneIsWrongInput() async throws {
        try await TemporaryDirectory.with { directory in
            let clips = try await Array(examples(in: directory).prefix(2))
            let broken = try directory.write("no video", to: "broken.mp4")
            let taught = try configuration(clips, in: directory)
            for arguments in [
                ["--label", "a dog", clips[0], broken], ["--label", "a dog"] + clips + ["--background", broken],
                ["--config", taught, "--background", broken],
            ] {
                let outcome = try await run(["teach"] + arguments, in: directory)
                #expect(outcome.ending == .exit(1) && outcome.errorLines.count == 1, "\(arguments): \(outcome)")
                #expect(outcome.errors.contains("\(broken) cannot be used"), "\(arguments): \(outcome)")
            }
            let absent = try await run(["teach", "--label", "a dog", clips[0], directory("none.mp4")], in: directory)
            #expect(absent.ending == .exit(1) && absent.errors.contains("none.mp4 does not exist; check the path\n"))
        }
    }

    @Test func wrongUsageIsTold() async throws {
        try await TemporaryDirectory.with { directory in
            let plain = try configuration([], in: directory)
            let cases: [(arguments: [String], code: Int32, error: String)] = [
                (["a.mp4", "b.mp4"], 2, "Give --label"),
                (["--label", "a dog", directory("a.mp4")], 1, "one clip is too few"),
                (["--label", "a dog", directory("a.mp4"), directory("b.mp4")], 1, "a.mp4 does not exist"),
                (["--config", plain], 1, "no label of the stream hall has examples"),
                (["--config", plain, "--model", "embedded"], 2, "--model goes with clips"),
            ]
            for (arguments, code, error) in cases {
                let outcome = try await run(["teach"] + arguments, in: directory)
                #expect(outcome.ending == .exit(code), "\(arguments): \(outcome)")
                #expect(outcome.errors.contains(error), "\(arguments): \(outcome)")
            }
        }
    }
}
