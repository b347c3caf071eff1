import Foundation
import TestSupport
import Testing
import Text

/// `watchword calibrate` with the embedded model: the drawn scene with its happenings is taken as footage of nothing, so
/// that each of them is a false event, and what is proposed must silence them all.
@Suite(.serialized) struct CalibrateTests {
    @Test func whatIsProposedSilencesTheFootage() async throws {
        try await TemporaryDirectory.with { directory in
            // The model is sure of what happens here: at its own temperature some of it stands above any threshold. With
            // another level confirm would ask the model anew near the thresholds proposed, which changes scores there.
            let softer = "    reuse: exact\n    temperature: 2\n    threshold: 0.7\n    release: 0.4\n"
            let text = "# mine\n" + ReplayTests.configuration(softer) + "# the end\n"
            let file = try directory.write(text, to: "mine.yaml")
            let arguments = ["calibrate", "--background", ReplayTests.scene, "--config", file]
            let outcome = try await watchword(arguments + ["--json"], in: directory)
            try #require(outcome.ending == .exit(0), "\(outcome)")
            let report = try JSONValue(parsing: try #require(outcome.outputLines.first))
            #expect(report["type"]?.string == "calibration" && outcome.outputLines.count == 1)
            // 54 s without an event would allow for thousands a day.
            #expect(report["least_shown_per_day"]?.number ?? 0 > 1000)
            #expect(abs((report["hours_needed"]?.number ?? 0) - 88.53) < 0.01)
            let names = ["lights_out", "lights_on", "covered", "unsharp", "flash"]
            for name in names {
                let label = try #require(report["labels"]?[name])
                #expect(label["present"]?["events"]?.integer ?? 0 >= 1, "\(name): \(label)")
                #expect(label["basis"]?.string == "estimated", "\(name): \(label)")
                let counted = try #require(label["counted"]?.array)
                #expect(counted.first?["video"]?.string == ReplayTests.scene, "\(name): \(label)")
                #expect(Int64(counted.count) == label["present"]?["events"]?.integer, "\(name): \(label)")
                #expect(label["proposed"]?["events"]?.integer == 0, "\(name): \(label)")
            }

            // The whole output is a patch: what is said before the diff is passed over.
            let spoken = try await watchword(arguments, in: directory)
            let patch = try directory.write(spoken.output, to: "new.diff")
            try await tool("/usr/bin/patch", ["--quiet", file, patch], in: directory)
            let patched = try String(contentsOfFile: file, encoding: .utf8)
            #expect(patched.hasPrefix("# mine\n") && patched.hasSuffix("# the end\n") && patched != text)
            let replay = try await watchword(["replay", ReplayTests.scene, "--config", file, "--json"], in: directory)
            let after = try JSONValue(parsing: try #require(replay.outputLines.last))
            for name in names {
                #expect(after["labels"]?[name]?["events"]?.integer == 0, "\(name): \(after)")
            }
            #expect(spoken.output.contains("cannot show 1 a day"), "\(spoken)")
            #expect(spoken.output.contains("covered: \(ReplayTests.scene) at "), "\(spoken)")
        }
    }

    /// With the truth, what is proposed is what the patched file then does: the F1 of the table is that of a replay.
    @Test func whatIsProposedByTheTruthHoldsInAReplay() async throws {
        try await TemporaryDirectory.with { directory in
            // No score reaches this threshold, so that nothing is found.
            let blind = "    reuse: exact\n    temperature: 4\n    threshold: 0.99999\n    release: 0.4\n"
            let text = "# mine\n" + ReplayTests.configuration(blind) + "# the end\n"
            let file = try directory.write(text, to: "mine.yaml")
            let truth = Tree.streams + "/demo.csv"
            let arguments = ["calibrate", "--events", ReplayTests.scene, "--truth", truth, "--config", file]
            let outcome = try await watchword(arguments + ["--json"], in: directory)
            try #require(outcome.ending == .exit(0), "\(outcome)")
            let report = try JSONValue(parsing: try #require(outcome.outputLines.first))
            #expect(report["type"]?.string == "truth_calibration" && outcome.outputLines.count == 1)
            #expect(report["quiet_from"]?.string == "recordings" && report["recordings"]?.integer == 1)
            let names = ["lights_out", "lights_on", "covered", "unsharp", "flash"]
            for name in names {
                let label = try #require(report["labels"]?[name])
                #expect(label["happenings"]?.integer == 1 && label["evidence"]?.string == "little", "\(name): \(label)")
                #expect(label["present"]?["truth"]?["f1"]?.number == 0, "\(name): \(label)")
                #expect(label["proposed"]?["truth"]?["matched"]?.integer == 1, "\(name): \(label)")
            }

            let spoken = try await watchword(arguments, in: directory)
            #expect(spoken.output.contains("are too little evidence"), "\(spoken)")
            let patch = try directory.write(spoken.output, to: "new.diff")
            try await tool("/usr/bin/patch", ["--quiet", file, patch], in: directory)
            let patched = try String(contentsOfFile: file, encoding: .utf8)
            #expect(patched.hasPrefix("# mine\n") && patched.hasSuffix("# the end\n") && patched != text)
            let replay = try await watchword(
                ["replay", ReplayTests.scene, "--truth", truth, "--config", file, "--json"],
                in: directory
            )
            let after = try JSONValue(parsing: try #require(replay.outputLines.last))
            for name in names {
                let (now, wanted) = (after["labels"]?[name]?["truth"], report["labels"]?[name]?["proposed"]?["truth"])
                #expect(now != nil && now?["f1"] == wanted?["f1"] && now?["matched"] == wanted?["matched"], "\(name)")
            }
        }
    }

    /// The threshold of `auto` in the table is the one that `replay` begins with after the same quiet footage.
    @Test func whatAutoHasIsWhatReplayLearns() async throws {
        try await TemporaryDirectory.with { directory in
            let auto = ReplayTests.configuration("    reuse: exact\n    threshold: auto\n")
            let file = try directory.write(auto, to: "mine.yaml")
            let truth = Tree.streams + "/demo.csv"
            let calibrate = try await watchword(
                [
                    "calibrate", "--events", ReplayTests.scene, "--truth", truth, "--background", ReplayTests.scene,
                    "--config", file, "--json",
                ],
                in: directory
            )
            let replay = try await watchword(
                ["replay", ReplayTests.scene, "--quiet", ReplayTests.scene, "--config", file, "--json"],
                in: directory
            )
            // Of footage of nothing alone, too: what is in force there is what it has come to.
            let quiet = try await watchword(
                ["calibrate", "--background", ReplayTests.scene, "--config", file, "--json"],
                in: directory
            )
            let alone = try JSONValue(parsing: try #require(quiet.outputLines.first, "\(quiet)"))
            let report = try JSONValue(parsing: try #require(calibrate.outputLines.first, "\(calibrate)"))
            let summary = try JSONValue(parsing: try #require(replay.outputLines.last, "\(replay)"))
            #expect(report["quiet_from"]?.string == "footage")
            for name in ["lights_out", "lights_on", "covered", "unsharp", "flash"] {
                let (calibrated, replayed) = (report["labels"]?[name], summary["labels"]?[name])
                #expect(calibrated?["auto"]?["threshold"]?.number != nil, "\(report)")
                #expect(calibrated?["auto"]?["threshold"] == replayed?["threshold"], "\(name)")
                #expect(calibrated?["auto"]?["release"] == replayed?["release"], "\(name)")
                #expect(calibrated?["present"]?["threshold"] == calibrated?["auto"]?["threshold"], "\(name)")
                #expect(alone["labels"]?[name]?["present"]?["threshold"] == replayed?["threshold"], "\(name)")
                #expect(alone["labels"]?[name]?["auto"]?["quiet_lead"]?.number != nil, "\(alone)")
            }
        }
    }

    /// What a daemon keeps is footage while it still runs. A few seconds lower nothing.
    @Test func theHistoryOfARunningDaemonIsFootage() async throws {
        try await TemporaryDirectory.with { directory in
            let environment = ["STATE_DIRECTORY": directory.path]
            let stream = DaemonProcess.stream("live", DaemonProcess.picture).replacing(
                "threshold: 0",
                with: "threshold: 1"
            )
            try await DaemonProcess.with(stream, environment: environment, in: directory) { _ in
                let folder = directory("events.sqlite-scores/live")
                try await eventually("a history") {
                    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
                    return names.contains { name in
                        let state = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)
                        return name.hasPrefix("recent-") && state?[.size] as? Int ?? 0 > 500
                    }
                }
                let arguments = ["calibrate", "--history", "1d", "--config", directory("watchword.yaml"), "--json"]
                let outcome = try await watchword(arguments, environment: environment, in: directory)
                try #require(outcome.ending == .exit(0), "\(outcome)")
                let report = try JSONValue(parsing: try #require(outcome.outputLines.first))
                #expect(report["recordings"]?.integer == 0 && report["history_seconds"]?.number ?? 0 > 0)
                let label = try #require(report["labels"]?["anything"])
                #expect(label["basis"]?.string == "short" && label["proposed"] == .null, "\(label)")
                #expect(label["present"]?["events"]?.integer == 0 && label["top_lead"]?.number != nil, "\(label)")

                // What is left out leaves nothing.
                let nothing = try await watchword(
                    arguments + ["--except", "2000-01-01T00:00Z/2100-01-01T00:00Z"],
                    environment: environment,
                    in: directory
                )
                #expect(nothing.ending == .exit(1) && nothing.errorLines.count == 1, "\(nothing)")
                #expect(nothing.errors.contains("has nothing outside of --except"), "\(nothing)")

                // A label that the daemon did not watch has no history, and what stands in for it is said.
                let text = try String(contentsOfFile: directory("watchword.yaml"), encoding: .utf8)
                let second = "anything at all}, {name: later, text: a later label}"
                let more = try directory.write(text.replacing("anything at all}", with: second), to: "more.yaml")
                let truth = try directory.write("label,start,end\nanything,5,8\nlater,5,8\n", to: "truth.csv")
                let known = try await watchword(
                    [
                        "calibrate", "--events", ReplayTests.scene, "--truth", truth, "--history", "1d", "--config",
                        more,
                        "--json",
                    ],
                    environment: environment,
                    in: directory
                )
                try #require(known.ending == .exit(0), "\(known)")
                let proposal = try JSONValue(parsing: try #require(known.outputLines.first))
                #expect(proposal["quiet_from"]?.string == "history")
                let instead = ": its quiet level is learned from the recordings instead"
                #expect(known.errors.contains("later" + instead) && !known.errors.contains("anything" + instead))

                // How the label does, and why it had no event just now.
                let file = ["--config", directory("watchword.yaml"), "--json"]
                let labels = try await watchword(
                    ["labels", "--history", "1d"] + file,
                    environment: environment,
                    in: directory
                )
                try #require(labels.ending == .exit(0), "\(labels)")
                let standing = try JSONValue(parsing: try #require(labels.outputLines.first))
                #expect(standing["label"]?.string == "anything" && standing["events"]?.integer == 0, "\(standing)")
                #expect(standing["watched_seconds"]?.number ?? 0 > 0)
                #expect(standing["verdict"]?.string?.hasPrefix("no event: the highest score") == true, "\(standing)")
                // Nothing held for half an hour, and there is no score that says how much is missing.
                let patient = text.replacing("min_duration: 0s", with: "min_duration: 30m")
                let short = try await watchword(
                    ["labels", "--history", "1d", "--json", "--config", directory.write(patient, to: "patient.yaml")],
                    environment: environment,
                    in: directory
                )
                let unheld = try JSONValue(parsing: try #require(short.outputLines.first, "\(short)"))
                #expect(unheld["quiet_top_lead"] == .null, "\(unheld)")
                #expect(unheld["verdict"]?.string == "no event: no score was watched for as long as min_duration")
                let moment = ["why", "live", "\(WallClock.now)", "anything", "--around", "1h"]
                let why = try await watchword(moment + file, environment: environment, in: directory)
                try #require(why.ending == .exit(0), "\(why)")
                let answer = try JSONValue(parsing: try #require(why.outputLines.first))
                #expect(answer["scores"]?.array?.isEmpty == false && answer["threshold"]?.number == 1, "\(answer)")
                #expect(answer["finding"]?.string?.contains("short of the threshold") == true, "\(answer)")
                let stranger = try await watchword(
                    ["why", "live", "\(WallClock.now)", "a dog"] + file,
                    environment: environment,
                    in: directory
                )
                #expect(
                    stranger.ending == .exit(1) && stranger.errors.contains("has no label \"a dog\""),
                    "\(stranger)"
                )
            }
        }
    }

    /// Their scores are measures, of which no history is kept: no daemon will write one.
    @Test func ofSignalsThereIsNoHistory() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write(
                "events: {journal: \(directory("events.sqlite"))}\n"
                    + "streams: [{name: hall, url: ./live.mp4, labels: ['signal:dark']}]\n",
                to: "signals.yaml"
            )
            for verb in [["labels", "--history", "1d"], ["why", "hall", "2026-11-20T08:12:30Z", "signal:dark"]] {
                let outcome = try await watchword(verb + ["--config", file], in: directory)
                #expect(outcome.ending == .exit(1) && outcome.errorLines.count == 1, "\(verb): \(outcome)")
                #expect(outcome.errors.contains("only signals, of which no scores are kept"), "\(verb): \(outcome)")
            }
        }
    }

    @Test func whatIsWrongIsTold() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write(ReplayTests.configuration(), to: "mine.yaml")
            let cases: [(arguments: [String], code: Int32, error: String)] = [
                ([], 2, "Give --background VIDEO"),
                (["--history", "7d"], 2, "the service's is /var/lib/watchword/events.sqlite"),
                (
                    ["--background", ReplayTests.scene, "--except", "2026-11-20T08:00Z/2026-11-20T09:00Z"], 2,
                    "--history"
                ),
                (["--history", "7d", "--except", "yesterday"], 2, "is no span of time"),
                (["--background", ReplayTests.scene, "--false-per-day", "0"], 2, "must be from 0.001 to 10000"),
                (["--background", directory("none.mp4")], 1, "none.mp4"),
                (["--events", ReplayTests.scene], 2, "Give each --events its --truth"),
                (
                    ["--events", ReplayTests.scene, "--truth", "a.csv", "--false-per-day", "2"], 2,
                    "goes without --truth"
                ),
                (["--events", ReplayTests.scene, "--truth", directory("none.csv")], 1, "none.csv"),
                (["--background", ReplayTests.scene, "--stream", "yard"], 2, "has no stream \"yard\""),
            ]
            for (arguments, code, error) in cases {
                let outcome = try await watchword(["calibrate", "--config", file] + arguments, in: directory)
                #expect(outcome.ending == .exit(code), "\(arguments): \(outcome)")
                #expect(outcome.errors.contains(error), "\(arguments): \(outcome)")
            }
        }
    }
}
