import Events
import Foundation
import Testing
import Text

/// `watchword eval` on files that ffmpeg makes, with the tiny model.
@Suite(.serialized) struct EvalTests {
    private static let labels = ["a dog", "a cat"]
    private static let rules = ["--min-duration", "0s", "--hold", "0s", "--cooldown", "0s", "--gate", "0"]

    /// `recognise` says what the scores are; the machines make the events of them; and those, as the truth, are what
    /// `eval` must find.
    @Test func theEventsAreTheMachinesOnTheScores() async throws {
        try await withClip { directory, clip in
            let scores = try await scores(of: clip, in: directory)
            let sorted = scores.flatMap { $0.scores }.sorted()
            let threshold = sorted[sorted.count / 2]
            let rules = EventRules(
                threshold: threshold,
                release: threshold,
                minDuration: .zero,
                hold: .zero,
                cooldown: .zero
            )
            var truth = "label,start,end\n"
            var counts: [Int] = []
            for (index, label) in Self.labels.enumerated() {
                let events = DetectedEvents.make(
                    of: scores.map { (time: .seconds($0.time), score: $0.scores[index]) },
                    rules: rules
                )
                for event in events { truth += "\"\(label)\",\(event.start),\(event.end)\n" }
                counts.append(events.count)
            }
            try #require(counts.reduce(0, +) > 1, "the scores never cross their middle")
            let file = try directory.write(truth, to: "truth.csv")
            let options = ["--threshold", "\(threshold)", "--release", "\(threshold)", "--tolerance", "1ms"]
            let labels = Self.labels.flatMap { ["--label", $0] }
            let outcome = try await eval(
                ["--events", clip, "--truth", file, "--reuse", "exact", "--sweep"] + options + labels + Self.rules,
                in: directory
            )
            let report = try #require(outcome.first)
            #expect(outcome.count == 1)
            #expect(report.type == "eval" && report["reuse"]?.string == "exact")
            #expect(report["decisions"]?.number == Double(scores.count))
            #expect(report["exact_passes"]?.number == Double(scores.count))
            let total = try #require(report["total"])
            for name in ["precision", "recall", "f1", "onset_f1", "macro_f1"] {
                #expect(total[name]?.number == 1, "\(name): \(report)")
            }
            #expect(total["false_per_hour"]?.number == 0)
            // Without a minimal duration an event is emitted at the very decision it starts with.
            #expect(abs(total["delay_median"]?.number ?? 1) < 1e-6)
            for (label, count) in zip(Self.labels, counts) {
                #expect(report["labels"]?[label]?["emitted_events"]?.number == Double(count))
            }
            let thresholds = try #require(report["sweep"]?.array).compactMap { $0["threshold"]?.number }
            #expect(thresholds.count == 19 && thresholds.first == 0.05 && thresholds.last == 0.95)
        }
    }

    @Test func streamsAddUpAndEachLevelHasItsLine() async throws {
        try await withClip { directory, clip in
            let truth = try directory.write("label,start,end\na dog,1,2\n", to: "truth.csv")
            let other = try directory.write("label,start,end\na cat,1,2\na dog,3,4\n", to: "other.csv")
            let one = try await eval(["--events", clip, "--truth", truth, "--label", "a cat"], in: directory)
            #expect(one.map { $0["reuse"]?.string } == ["exact", "sweep", "cached"])
            let two = try await eval(
                ["--events", clip, "--truth", truth, "--events", clip, "--truth", other, "--reuse", "cached"],
                in: directory
            )
            #expect(two.count == 1)
            let report = try #require(two.first)
            #expect(report["streams"]?.number == 2)
            let single = try #require(one.last?["decisions"]?.number)
            #expect(report["decisions"]?.number == 2 * single)
            #expect(report["total"]?["truth_events"]?.number == 3)
        }
    }

    @Test func exactAgreesWithItself() async throws {
        try await withClip { directory, clip in
            let scores = try await scores(of: clip, in: directory).flatMap { $0.scores }.sorted()
            let threshold = ["--threshold", "\(scores[scores.count / 2])", "--release", "\(scores[scores.count / 2])"]
            let labels = Self.labels.flatMap { ["--label", $0] }
            let levels = ["exact", "sweep", "cached", "self"].flatMap { ["--reuse", $0] }
            let reports = try await eval(
                ["--agreement", clip] + labels + levels + threshold + Self.rules,
                in: directory
            )
            #expect(reports.map { $0["reuse"]?.string } == ["exact", "sweep", "cached", "self"])
            let exact = try #require(reports.first)
            for name in ["mean", "p99", "max"] { #expect(exact["logit_drift"]?[name]?.number == 0) }
            for name in ["p50", "p90", "p99", "p99_9", "max"] { #expect(exact["score_drift"]?[name]?.number == 0) }
            #expect(exact["top1_agreement"]?.number == 1)
            #expect(exact["crossed_threshold"]?.number == 0)
            #expect(exact["event_f1"]?.number == 1)
            #expect(exact["onset_shift_p95"]?.number == 0)
            for other in reports.dropFirst() {
                #expect((other["logit_drift"]?["mean"]?.number ?? 0) > 0, "\(other)")
            }
        }
    }

    @Test func textIsForPeopleAndWarningsAreNot() async throws {
        try await withClip { directory, clip in
            let truth = try directory.write("label,start,end\na dog,100,101\n", to: "truth.csv")
            let outcome = try await watchword(
                ["eval", "--events", clip, "--truth", truth, "--model", Tree.tinyModel, "--window", "2s"],
                in: directory
            )
            #expect(outcome.ending == .exit(0))
            #expect(outcome.outputLines.first?.hasPrefix("exact: ") == true, "\(outcome)")
            #expect(outcome.errorLines.count == 1)
            #expect(outcome.errors.contains("\(truth):2: this event starts at 100.0 s"), "\(outcome)")
        }
    }

    /// A change of the file, before and after by one command; each as `replay` has it.
    @Test func twoConfigurationsAreComparedByOneCommand() async throws {
        try await TemporaryDirectory.with { directory in
            let mine = try directory.write(ReplayTests.configuration(), to: "mine.yaml")
            let deaf = try directory.write(ReplayTests.configuration("    threshold: 1\n"), to: "deaf.yaml")
            let recorded = [ReplayTests.scene, "--truth", Tree.streams + "/demo.csv"]
            let arguments = ["eval", "--events"] + recorded + ["--config", mine, "--config", deaf]
            let outcome = try await watchword(arguments + ["--json"], in: directory)
            try #require(outcome.ending == .exit(0), "\(outcome)")
            let reports = try outcome.outputLines.map { try JSONValue(parsing: $0) }
            try #require(reports.count == 2)
            #expect(reports.map { $0["configuration"]?.string } == [mine, deaf])
            for (file, report) in zip([mine, deaf], reports) {
                let replay = try await watchword(["replay"] + recorded + ["--config", file, "--json"], in: directory)
                let last = try JSONValue(parsing: try #require(replay.outputLines.last))
                #expect(report["labels"] == last["labels"], "\(file)")
            }
            let recall = { (report: JSONValue) in report["labels"]?["covered"]?["truth"]?["recall"]?.number }
            #expect(recall(reports[0]) == 1 && recall(reports[1]) == 0)
            let spoken = try await watchword(arguments, in: directory)
            #expect(spoken.output.contains("-- \(deaf) --") && spoken.output.contains("at the best threshold"))
            // Both in one table: the happenings, precision, recall, …, and the file.
            let table = spoken.outputLines.suffix(3).map { $0.split(separator: " ").map(String.init) }
            try #require(table.count == 3 && table[0].last == "configuration", "\(spoken)")
            #expect(table[1].last == mine && table[2].last == deaf)
            #expect(table[1].first == "5" && table[1].dropFirst().first != "–")
            #expect(table[2].prefix(3) == ["5", "–", "0.00"])
        }
    }

    @Test func whatGoesNotWithAConfigurationIsRefused() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write(ReplayTests.configuration(), to: "mine.yaml")
            let events = ["--events", ReplayTests.scene, "--truth", Tree.streams + "/demo.csv"]
            let cases: [(arguments: [String], error: String)] = [
                (events + ["--config", file, "--label", "a dog"], "go without --config"),
                (events + ["--config", file, "--window", "2s"], "go without --config"),
                (events + ["--stream", "hall"], "--stream goes with --config"),
                (["--agreement", "a.mp4", "--label", "a dog", "--config", file], "--config goes with --events"),
                (["--data", "list.txt", "--config", file], "--config goes with --events"),
            ]
            for (arguments, error) in cases {
                let outcome = try await watchword(["eval"] + arguments, in: directory)
                #expect(outcome.ending == .exit(2) && outcome.errors.contains(error), "\(arguments): \(outcome)")
            }
        }
    }

    @Test func aBadLineInATruthFileIsNamedByItsPlace() async throws {
        try await TemporaryDirectory.with { directory in
            let truth = try directory.write("label,start,end\na dog,2,1\n", to: "truth.csv")
            let outcome = try await watchword(
                ["eval", "--events", "none.mp4", "--truth", truth, "--model", Tree.tinyModel],
                in: directory
            )
            #expect(outcome.ending == .exit(1))
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("\(truth):2:9: the end lies before the start; "), "\(outcome)")
        }
    }

    private func scores(
        of clip: String,
        in directory: TemporaryDirectory
    ) async throws -> [(time: Double, scores: [Double])] {
        let labels = Self.labels.flatMap { ["--label", $0] }
        let arguments = ["recognise", clip, "--model", Tree.tinyModel, "--window", "2s", "--json"]
        return try await watchword(arguments + labels, in: directory).outputLines.map { line in
            let decision = try JSONValue(parsing: line)
            let scores = try Self.labels.map { try #require(decision["scores"]?[$0]?.number) }
            return (try #require(decision["time"]?.number), scores)
        }
    }

    private func eval(_ options: [String], in directory: TemporaryDirectory) async throws -> [JSONValue] {
        let outcome = try await watchword(
            ["eval", "--model", Tree.tinyModel, "--window", "2s", "--json"] + options,
            in: directory
        )
        try #require(outcome.ending == .exit(0), "\(outcome)")
        #expect(outcome.errors.isEmpty)
        return try outcome.outputLines.map { try JSONValue(parsing: $0) }
    }

    private func withClip(_ body: (TemporaryDirectory, String) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let source = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=20"
            try await ffmpeg("\(source) -c:v libx264 -pix_fmt yuv420p", to: directory("clip.mp4"), in: directory)
            try await body(directory, directory("clip.mp4"))
        }
    }
}
