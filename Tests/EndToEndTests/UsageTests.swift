import Foundation
import Testing

/// A command line that cannot be meant: exit code 2, and what is wrong in the first line.
@Suite(.serialized) struct UsageTests {
    @Test(arguments: [
        (["recognise", "clip.mp4", "--label", "a dog", "--colour"], "--colour"),
        (["frobnicate"], "frobnicate"),
        (["recognise", "--label", "a dog"], "<video>"),
        (["recognise", "clip.mp4"], "--label"),
        (["recognise", "clip.mp4", "--label", " "], "--label"),
        (["recognise", "clip.mp4", "--label", "a dog", "--label", "a dog"], "a dog"),
        (["recognise", "clip.mp4", "--label", "a dog", "--hop", "0"], "--hop"),
        (["recognise", "clip.mp4", "--label", "a dog", "--window", "0"], "--window"),
        (["recognise", "clip.mp4", "--label", "a dog", "--reuse", "some"], "'exact', 'sweep' or 'cached'"),
        (["check", "--json"], "--probe"),
        (["check", "--schema", "--probe"], "--schema"),
        (["check", "--probe", "--strict"], "--strict"),
        (["discover", "--timeout", "5"], "--timeout"),
        (["discover", "--password-file", "x"], "--user"),
        (["probe"], "<url>"),
        (["probe", "a.mp4", "--timeout", "0s"], "--timeout"),
        (["probe", "a.mp4", "--transport", "ftp"], "--transport"),
        (["eval"], "--events"),
        (["eval", "--events", "a.mp4"], "--truth"),
        (["eval", "--events", "a.mp4", "--truth", "a.csv", "--agreement", "b.mp4"], "--agreement"),
        (["eval", "--events", "a.mp4", "--truth", "a.csv", "--reuse", "self"], "self"),
        (["eval", "--events", "a.mp4", "--truth", "a.csv", "--threshold", "0.3", "--release", "0.4"], "--release"),
        (["eval", "--events", "a.mp4", "--truth", "a.csv", "--audit", "2"], "--audit"),
        (["eval", "--events", "a", "--truth", "b", "--config", "c", "--precision", "int8"], "--precision"),
        (["bench", "--precision", "int4"], "'auto', 'float32' or 'int8'"),
        (["eval", "--events", "a.mp4", "--truth", "a.csv", "--quiet", "b.mp4"], "--config"),
        (["eval", "--agreement", "a.mp4"], "--label"),
        (["eval", "--agreement", "a.mp4", "--label", "a dog", "--sweep"], "--sweep"),
        (["eval", "--agreement", "a.mp4", "--label", "a dog", "--no-confirm"], "--confirm"),
        (["labels"], "--history"),
        (["labels", "a.mp4", "--history", "1d"], "--history"),
        (["labels", "--history", "1d", "--label", "a dog"], "--history"),
        (["why", "yard", "yesterday", "car"], "2026-11-20T08:12:30Z"),
        (["events", "--since=-1"], "--since"),
        (["events", "--fleet", "--scores"], "--scores"),
        (["events", "--exec-jobs", "2"], "--exec"),
        (["fleet", "init", "--keep-size", "0"], "--keep-size"),
        (["fleet", "init", "--system-password-file", "x"], "--system-user"),
        (["fleet", "move"], "<camera>"),
        (["fleet", "show", "--list", "--revision", "1"], "--revision"),
        (["model", "random", "model", "--size", "huge"], "huge"),
        (["model", "convert", "in"], "<output>"),
        (["model", "convert", "in", "out", "--dtype", "int8"], "int8"),
    ])
    func wrongUsageIsSaid(arguments: [String], naming: String) async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await watchword(arguments, in: directory)
            #expect(outcome.ending == .exit(2))
            let first = try #require(outcome.errorLines.first)
            #expect(first.hasPrefix("Error: ") && first.contains(naming), "\(outcome)")
            #expect(outcome.errors.contains("--help"))
            #expect(outcome.output.isEmpty)
        }
    }

    @Test(arguments: [
        "run", "check", "discover", "probe", "recognise", "replay", "calibrate", "teach", "eval", "why", "labels",
        "events", "status",
        "bench",
        "fleet init", "fleet apply", "fleet show", "fleet status", "fleet drain", "fleet undrain", "fleet move",
        "model random", "model convert", "model inspect", "model pull", "model list", "mqtt clear", "webhook test",
        "version",
    ])
    func helpShowsAnExample(verb: String) async throws {
        try await TemporaryDirectory.with { directory in
            let words = verb.split(separator: " ").map(String.init)
            let outcome = try await watchword(words + ["--help"], in: directory)
            #expect(outcome.ending == .exit(0))
            #expect(outcome.errors.isEmpty)
            #expect(outcome.output.contains("Example:\n  watchword \(verb)"), "\(outcome)")
            // On a terminal of 80 columns no line of what comes before the options is broken.
            let wide = try await watchword(words + ["--help"], environment: ["COLUMNS": "300"], in: directory)
            let paragraphs = { (outcome: Outcome) in
                outcome.output.components(separatedBy: "\n\n").dropFirst().prefix { !$0.hasPrefix("USAGE: ") }
            }
            #expect(!paragraphs(outcome).isEmpty && paragraphs(outcome) == paragraphs(wide))
        }
    }
}
