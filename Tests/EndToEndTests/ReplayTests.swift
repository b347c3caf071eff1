import Events
import Foundation
import Testing
import Text

/// `watchword replay` with the embedded model on the demo's drawn scene, whose truth is known.
@Suite(.serialized) struct ReplayTests {
    static let scene = Tree.streams + "/demo.mp4"
    private static let texts = [
        "lights_out": "the lights go out", "lights_on": "the lights come on", "covered": "the camera is covered",
        "unsharp": "the camera loses focus", "flash": "a light flashes",
    ]

    static func configuration(_ more: String = "", streams: [String] = ["hall"]) -> String {
        let labels = texts.sorted { $0.key < $1.key }.map { "      - {name: \($0.key), text: \($0.value)}\n" }.joined()
        return "streams:\n"
            + streams.map { "  - name: \($0)\n    url: ./live.mp4\n\(more)    labels:\n\(labels)" }.joined()
    }

    private func replay(
        _ arguments: [String],
        _ configuration: String = configuration(),
        in directory: TemporaryDirectory
    ) async throws -> Outcome {
        let file = try directory.write(configuration, to: "mine.yaml")
        return try await watchword(["replay", "--config", file] + arguments, in: directory)
    }

    /// A minute is too short to learn a threshold from: the model's own holds, and the summary says so.
    @Test func aThresholdThatIsNotLearnedYetIsTheModels() async throws {
        try await TemporaryDirectory.with { directory in
            let learned = Self.configuration("    threshold: auto\n")
            let plain = try await replay([Self.scene, "--json"], in: directory)
            let outcome = try await replay([Self.scene, "--json"], learned, in: directory)
            try #require(outcome.ending == .exit(0) && plain.ending == .exit(0), "\(outcome)")
            #expect(outcome.outputLines.dropLast() == plain.outputLines.dropLast())
            let summary = try JSONValue(parsing: try #require(outcome.outputLines.last))
            let covered = try #require(summary["labels"]?["covered"])
            #expect(covered["threshold"]?.number == 0.94 && covered["auto"]?["quiet_lead"] == .null, "\(covered)")
            #expect(covered["auto"]?["watched_seconds"]?.number ?? 0 > 20)
            let spoken = try await replay([Self.scene], learned, in: directory)
            #expect(spoken.output.contains("covered: threshold auto, not learned yet"), "\(spoken)")
        }
    }

    /// Footage of the quiet scene is taken for days of it: the threshold starts at the margin above its level.
    @Test func aThresholdIsLearnedFromFootageFirst() async throws {
        try await TemporaryDirectory.with { directory in
            let learned = Self.configuration("    threshold: auto\n")
            let arguments = [Self.scene, "--json", "--quiet", Self.scene]
            let outcome = try await replay(arguments, learned, in: directory)
            try #require(outcome.ending == .exit(0), "\(outcome)")
            let summary = try JSONValue(parsing: try #require(outcome.outputLines.last))
            #expect(summary["recordings"]?.integer == 1)
            for name in Self.texts.keys {
                let label = try #require(summary["labels"]?[name])
                let quiet = try #require(label["auto"]?["quiet_lead"]?.number, "\(label)")
                let threshold = try #require(label["threshold"]?.number)
                #expect(abs(log(threshold / (1 - threshold)) - max(quiet, 0) - 1.5) < 0.02, "\(name): \(label)")
            }
            let plain = try await replay(arguments, in: directory)
            #expect(plain.ending == .exit(1) && plain.errors.contains("has threshold: auto"), "\(plain)")
        }
    }

    private func truth() throws -> [String: TruthEvent] {
        let lines = try String(contentsOfFile: Tree.streams + "/demo.csv", encoding: .utf8).split(separator: "\n")
        return Dictionary(
            uniqueKeysWithValues: try lines.dropFirst().map { line in
                let fields = line.split(separator: ",").map(String.init)
                let (start, end) = (try #require(Double(fields[1])), try #require(Double(fields[2])))
                return (fields[0], TruthEvent(start: start, end: end))
            }
        )
    }

    /// The socket's own lines, each event where the truth has it; the table and the chart say the same.
    @Test func theEventsAreThoseThatHappened() async throws {
        try await TemporaryDirectory.with { directory in
            let chart = directory("scores.svg")
            let outcome = try await replay(
                [
                    Self.scene, "--json", "--sweep", "--windows", "3s", "--chart", chart, "--truth",
                    Tree.streams + "/demo.csv",
                ],
                in: directory
            )
            try #require(outcome.ending == .exit(0), "\(outcome)")
            let lines = try outcome.outputLines.map { try JSONValue(parsing: $0) }
            let records = try lines.dropLast().map { try #require(LabelEvent($0), "\($0)") }
            let truth = try truth()
            let ended = records.filter { $0.state == .ended }
            #expect(ended.count >= 5)
            #expect(records.filter { $0.state == .started }.count == ended.count)
            for (name, text) in Self.texts {
                let happened = try #require(truth[text])
                let found = ended.filter { $0.label == name }.map { event in
                    let start = Double(event.startTime.microseconds) / 1e6
                    return DetectedEvent(
                        start: start,
                        end: start + (event.duration ?? .zero).inSeconds,
                        emission: start
                    )
                }
                #expect(EventMatching.overlap(found, [happened], tolerance: 1).pairs.count == 1, "\(text): \(found)")
            }
            #expect(lines.first?["video"]?.string == Self.scene)
            #expect(records.allSatisfy { $0.stream == "hall" && $0.model == "embedded" && $0.windowSeconds == 4 })
            #expect(lines.dropLast().map { $0["seq"]?.integer } == (1...Int64(records.count)).map { $0 })

            let report = try #require(lines.last)
            #expect(report["type"]?.string == "replay" && report["events"]?.number == Double(ended.count))
            let sweeps = try #require(report["sweep"]?.array)
            #expect(sweeps.map { $0["window_seconds"]?.number } == [4, 3])
            for name in Self.texts.keys {
                let label = try #require(report["labels"]?[name])
                #expect(label["events"]?.integer == Int64(ended.count { $0.label == name }), "\(name)")
                #expect(label["truth"]?["matched"]?.integer == 1 && label["truth"]?["recall"]?.number == 1, "\(label)")
                let (now, best) = (label["truth"]?["f1"]?.number ?? 0, label["best"]?["truth"]?["f1"]?.number ?? 0)
                #expect(best >= now && label["truth"]?["f1_low"]?.number ?? 1 < now, "\(label)")
                let rows = try #require(sweeps[0]["labels"]?[name]?.array)
                #expect(rows.first?["threshold"]?.number == 0.05 && rows.contains { $0["events"]?.integer ?? 0 >= 1 })
                // At most the best threshold's F1, in steps five times as coarse.
                #expect(rows.allSatisfy { $0["truth"]?["f1"]?.number ?? 0 <= best }, "\(rows)")
            }
            let svg = try String(contentsOfFile: chart, encoding: .utf8)
            #expect(svg.components(separatedBy: "class=\"truth\"").count - 2 == Self.texts.count)
            #expect(
                svg.components(separatedBy: "class=\"event\"").count - 2 == ended.count,
                "spans beside the legend's"
            )
        }
    }

    /// Signals count in the summary, in the sweep and against the truth, as the model's labels do.
    @Test func theSummaryHasTheSignalsToo() async throws {
        try await TemporaryDirectory.with { directory in
            let configuration = """
                streams:
                  - name: hall
                    url: ./live.mp4
                    labels: [{name: dark, text: "signal:lights-out"}, {name: light, text: "signal:lights-on"}]
                """
            let truth = try directory.write(
                "label,start,end\ndark,8.65,10.65\nsignal:lights-on,17.74,19.74\n",
                to: "truth.csv"
            )
            let outcome = try await replay(
                [Self.scene, "--json", "--sweep", "--truth", truth],
                configuration,
                in: directory
            )
            try #require(outcome.ending == .exit(0), "\(outcome)")
            let lines = try outcome.outputLines.map { try JSONValue(parsing: $0) }
            let ended = try lines.dropLast().map { try #require(LabelEvent($0)) }.filter { $0.state == .ended }
            let report = try #require(lines.last)
            #expect(report["events"]?.number == Double(ended.count))
            let sweep = try #require(report["sweep"]?.array?.first)
            for name in ["dark", "light"] {
                let label = try #require(report["labels"]?[name])
                #expect(label["events"]?.integer == Int64(ended.count { $0.label == name }))
                #expect(label["top_score"]?.number == 1 && label["threshold"]?.number == 0.5)
                #expect(label["truth"]?["matched"]?.integer == 1, "\(label)")
                #expect(sweep["labels"]?[name]?.array?.contains { $0["events"]?.integer ?? 0 >= 1 } == true)
            }
        }
    }

    /// Two recordings are two runs from the start, and the text is that of `watchword events`.
    @Test func recordingsAreRunOneAfterAnother() async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await replay([Self.scene, Self.scene], in: directory)
            try #require(outcome.ending == .exit(0), "\(outcome)")
            let lines = outcome.outputLines
            let heads = lines.indices.filter { lines[$0].hasPrefix("-- ") }
            try #require(heads.count == 2)
            let length = heads[1] - heads[0]
            #expect(lines[heads[0]..<heads[0] + length] == lines[heads[1]..<heads[1] + length])
            let first = /00:00:\d\d  hall  started  \w+  score (0\.\d\d|1\.00)/
            #expect(lines[1].wholeMatch(of: first) != nil, "\(lines[1])")
            let summary = try #require(lines.first { $0.contains(" of 2 recordings (stream hall, window 4s, cached)") })
            #expect(
                summary.hasPrefix("\(2 * lines[1..<length].filter { $0.contains("  started  ") }.count) events in ")
            )
        }
    }

    /// What the stream's masks paint out is not seen.
    @Test func theStreamsMasksHold() async throws {
        try await TemporaryDirectory.with { directory in
            let masked = Self.configuration("    masks: [{x: 0, y: 0, width: 1, height: 1}]\n")
            let outcome = try await replay([Self.scene, "--json"], masked, in: directory)
            try #require(outcome.ending == .exit(0), "\(outcome)")
            let report = try JSONValue(parsing: try #require(outcome.outputLines.last))
            #expect(report["events"]?.number == 0 && report["decisions"]?.number ?? 0 > 50, "\(report)")
        }
    }

    @Test func whatCannotBeRunIsTold() async throws {
        try await TemporaryDirectory.with { directory in
            let two = Self.configuration(streams: ["hall", "yard"])
            let strange = try directory.write("label,start,end\na dog barks,1,2\n", to: "strange.csv")
            let cases: [(arguments: [String], configuration: String, code: Int32, error: String)] = [
                ([Self.scene], two, 2, "the configuration has 2 streams; say with --stream whose recordings these are"),
                ([Self.scene, "--stream", "door"], two, 2, "has no stream \"door\"; it has hall, yard"),
                ([directory("none.mp4")], Self.configuration(), 1, "none.mp4"),
                ([Self.scene], Self.configuration("    windw: 3s\n"), 78, "mine.yaml:4:5: unknown key \"windw\""),
                ([Self.scene, "--chart", directory("no/where.svg")], Self.configuration(), 1, "cannot write"),
                ([Self.scene, "--windows", "3s"], Self.configuration(), 2, "--windows goes with --sweep"),
                (
                    [Self.scene, "--sweep", "--windows", "3s,3"], Self.configuration(), 2,
                    #"a window is "3", which has no unit"#
                ),
                ([], Self.configuration(), 2, "Missing expected argument"),
                (
                    [Self.scene, Self.scene, "--truth", "a.csv"], Self.configuration(), 2,
                    "Give each recording its --truth"
                ),
                ([Self.scene, "--tolerance", "2s"], Self.configuration(), 2, "--tolerance goes with --truth"),
                ([Self.scene, "--truth", directory("none.csv")], Self.configuration(), 1, "none.csv"),
                (
                    [Self.scene, "--truth", strange], Self.configuration(), 1,
                    "has none of the labels of the stream hall"
                ),
            ]
            for (arguments, configuration, code, error) in cases {
                let outcome = try await replay(arguments, configuration, in: directory)
                #expect(outcome.ending == .exit(code), "\(arguments): \(outcome)")
                #expect(outcome.errors.contains(error), "\(arguments): \(outcome)")
                #expect(outcome.output.isEmpty, "\(arguments): \(outcome)")
            }
        }
    }

    /// One that is shorter than the window is told, the others are run; none that is longer is an error.
    @Test func aShortRecordingIsNoEnd() async throws {
        try await TemporaryDirectory.with { directory in
            let short = directory("short.mp4")
            try await ffmpeg("-i \(Self.scene) -t 2", to: short, in: directory)
            let both = try await replay([short, Self.scene, "--json"], in: directory)
            #expect(both.ending == .exit(0) && both.errors.contains("short.mp4 is shorter than the window of 4.0 s"))
            #expect(both.outputLines.count > 10)
            let alone = try await replay([short], in: directory)
            #expect(alone.ending == .exit(1) && alone.errors.contains("no recording is as long as the window of 4s"))
        }
    }
}

extension Duration {
    fileprivate var inSeconds: Double { self / .seconds(1) }
}
