import Foundation
import TestSupport
import Testing
import Text

@testable import Fleet
@testable import fleetload

/// `watchword fleet` and `watchword events --fleet` with a real NATS server.
@Suite(.serialized) struct FleetVerbTests {
    private static let shared = """
        defaults: {window: 3s}
        streams:
          - {name: door, url: 'rtsp://watcher:${DOOR_PASSWORD}@door.local/1', labels: [someone falls]}

        """

    /// A server, its settings, and the operator's file for it.
    private func with(
        _ body: (TemporaryDirectory, FleetSettings, _ verb: ([String]) async throws -> Outcome) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let server = try FleetServer(in: directory)
            let file = "model: {path: \(Tree.tinyModel)}\n" + server.section(host: "operator")
            try directory.write(file, to: "operator.yaml")
            try directory.write(Self.shared, to: "fleet.yaml")
            try await body(directory, server.settings) { words in
                try await watchword(
                    words + ["--config", directory("operator.yaml")],
                    environment: FleetServer.environment,
                    in: directory
                )
            }
            withExtendedLifetime(server) {}
        }
    }

    @Test func aConfigurationIsMadeAppliedAndShown() async throws {
        try await with { directory, _, verb in
            let apply = ["fleet", "apply", directory("fleet.yaml")]
            let early = try await verb(apply)
            #expect(early.ending == .exit(1) && early.errors.contains("run `watchword fleet init` first"), "\(early)")
            let refused = try await verb(["fleet", "init"])
            #expect(refused.ending == .exit(1) && refused.errors.contains("system account"), "\(refused)")
            let system = ["--system-user", "system", "--system-password-file", directory("none")]
            let absent = try await verb(["fleet", "init"] + system)
            #expect(absent.ending == .exit(1) && absent.errorLines.count == 1, "no configuration is wrong: \(absent)")
            #expect(absent.errors.contains(directory("none")), "\(absent)")
            #expect(try await verb(["fleet", "init", "--trial", "--keep-size", "1MB"]).ending == .exit(0))

            let dry = try await verb(apply + ["--dry-run"])
            #expect(dry.outputLines.last == "Nothing was written." && dry.output.contains("+  - {name: door"), "\(dry)")
            let none = try await verb(["fleet", "show"])
            #expect(none.ending == .exit(1) && none.errors.contains("no configuration"))
            let first = try await verb(apply)
            #expect(first.outputLines.last == "This is revision 1, with 1 stream.", "\(first)")
            let again = try await verb(apply)
            #expect(again.output.hasPrefix("Nothing changes: revision 1 of 20") && again.outputLines.count == 1)

            try directory.write(Self.shared.replacing("3s", with: "4s"), to: "fleet.yaml")
            let second = try await verb(apply)
            #expect(second.output.contains("\n-defaults: {window: 3s}\n+defaults: {window: 4s}\n"), "\(second)")
            #expect(second.outputLines.last == "This is revision 2, with 1 stream.")
            #expect(try await verb(["fleet", "show", "--revision", "1"]).output == Self.shared)
            #expect(try await verb(["fleet", "show", "--list"]).outputLines.count == 2)

            try directory.write("http:\n" + Self.shared.replacing("3s", with: "3"), to: "fleet.yaml")
            let bad = try await verb(apply)
            #expect(bad.ending == .exit(78) && bad.errorLines.count == 2, "\(bad)")
            #expect(try await verb(["fleet", "show"]).output.contains("window: 4s"), "nothing was written")
        }
    }

    @Test func hostsAndCamerasAreShownAndPlaced() async throws {
        try await with { directory, _, verb in
            #expect(try await verb(["fleet", "init", "--trial", "--keep-size", "1MB"]).ending == .exit(0))
            #expect(try await verb(["fleet", "apply", directory("fleet.yaml")]).ending == .exit(0))
            let unknown = try await verb(["fleet", "move", "dor", "node-1"])
            #expect(unknown.ending == .exit(1) && unknown.errors.contains("did you mean \"door\"?"), "\(unknown)")
            let move = try await verb(["fleet", "move", "door", "node-1"])
            #expect(move.ending == .exit(0) && move.errors.contains("node-1 is not heard now; no host is"), "\(move)")
            let drain = try await verb(["fleet", "drain", "node-2", "--wait"])
            #expect(drain.ending == .exit(0) && drain.outputLines.last == "node-2 has no camera left.", "\(drain)")
            let json = try await verb(["fleet", "status", "--json"])
            let status = try JSONValue(parsing: json.output)
            #expect(status["configuration"]?["revision"] == 1)
            let door = status["cameras"]?.array?.first
            #expect(door?["camera"] == "door" && door?["host"] == .null && door?["place"] == "node-1")
            let host = status["hosts"]?.array?.first
            #expect(host?["host"] == "node-2" && host?["state"] == "lost" && host?["to_drain"] == true)
            #expect(try await verb(["fleet", "undrain", "node-2"]).ending == .exit(0))
            #expect(try await verb(["fleet", "move", "door"]).ending == .exit(0))
            let readable = try await verb(["fleet", "status"])
            #expect(readable.outputLines.contains { $0.contains(/^door +nobody +– +– +0$/) }, "\(readable)")
            #expect(!readable.output.contains("node-2") && !readable.output.contains(EngineCluster.password))
        }
    }

    @Test func whatCannotBeReachedIsNamed() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write(SettingsText.hostAlone, to: "w.yaml")
            let alone = try await watchword(["fleet", "status", "--config", file], in: directory)
            #expect(alone.ending == .exit(78) && alone.errors.contains("the file has no fleet:"), "\(alone)")
            try directory.write("fleet: {servers: ['nats://127.0.0.1:1'], password: c4nary, user: u}", to: "w.yaml")
            let away = try await watchword(["fleet", "status", "--config", file], in: directory)
            #expect(away.ending == .exit(1) && away.errors.contains("127.0.0.1:1"), "\(away)")
            #expect(!away.errors.contains("c4nary"))
        }
    }

    private enum SettingsText {
        static let hostAlone = "streams: [{name: a, url: 'rtsp://a', labels: [x]}]"
    }

    /// Records of a host, of which the stream keeps the last ones only.
    private func record(_ numbers: ClosedRange<UInt64>, _ client: EngineClient) throws {
        for number in numbers {
            let event = """
                {"type":"event","id":"e\(number)","state":"started","stream":"door","label":"fall","score":0.5,\
                "time":"2026-11-22T10:15:03.120Z"}
                """
            let publication = Publication(
                camera: "door",
                content: .owner(previous: nil),
                epoch: number,
                isLate: false,
                expected: number - 1,
                number: 0,
                open: ""
            )
            let message = publication.message(host: "h", feed: "f", body: Array(event.utf8))
            #expect(PublishOutcome(client.ask(message)) == .stored(sequence: number))
        }
    }

    @Test func theFeedResumesAndNamesWhatIsNoLongerKept() async throws {
        try await with { directory, settings, verb in
            #expect(try await verb(["fleet", "init", "--trial", "--keep-size", "20KB"]).ending == .exit(0))
            let client = try EngineClient(settings, within: patience)
            try record(1...200, client)
            let environment = Program.environment(["FLEET_PASSWORD": EngineCluster.password])
            let words = ["events", "--fleet", "--config", directory("operator.yaml")]
            func events(_ more: [String], _ body: (ChildProcess) async throws -> Void) async throws {
                try await ChildProcess.with(
                    try Program.path(),
                    words + more,
                    environment: environment,
                    in: directory,
                    name: "events",
                    body
                )
            }
            try await events(["--json", "--since", "1"]) { child in
                try await eventually("the last record", context: { child.output + child.errors }) {
                    child.output.contains("\"seq\":200}\n")
                }
                let lines = try child.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
                #expect(lines[0]["type"] == "hello" && lines[0]["feed_id"]?.string?.hasPrefix("WATCHWORD@20") == true)
                #expect(lines[1]["type"] == "gap" && lines[1]["from"] == 2)
                let dropped = lines[1]["to"]?.integer ?? 0
                #expect(lines[0]["seq_first"]?.integer == dropped + 1 && dropped > 2)
                #expect(lines.dropFirst(2).compactMap { $0["seq"]?.integer } == Array(dropped + 1...200))
                // What comes later comes too.
                try record(201...201, client)
                try await eventually("the next record", context: { child.output }) {
                    child.output.contains("\"seq\":201}\n")
                }
            }
            try await events(["--since", "199", "--label", "fa*", "--exec", "cat >>\(directory("seen"))"]) { child in
                try await eventually("two events", context: { child.errors }) {
                    let text = try? String(contentsOfFile: directory("seen"), encoding: .utf8)
                    return text?.split(separator: "\n").count == 2
                }
                child.send(SIGTERM)
                #expect(try await child.finish() == .signal(SIGTERM))
            }
            let ahead = try await verb(["events", "--fleet", "--since", "999"])
            #expect(ahead.ending == .exit(1) && ahead.errors.contains("no record 999"), "\(ahead)")
        }
    }

    @Test func peopleGetLines() async throws {
        try await with { directory, settings, verb in
            #expect(try await verb(["fleet", "init", "--trial", "--keep-size", "1MB"]).ending == .exit(0))
            let client = try EngineClient(settings, within: patience)
            try record(1...2, client)
            let words = ["events", "--fleet", "--since", "0", "--config", directory("operator.yaml")]
            let environment = Program.environment(["FLEET_PASSWORD": EngineCluster.password])
            try await ChildProcess.with(
                try Program.path(),
                words,
                environment: environment,
                in: directory,
                name: "events"
            ) { child in
                try await eventually("two lines", context: { child.output + child.errors }) {
                    child.output == String(repeating: "10:15:03  door  started  fall  score 0.50\n", count: 2)
                }
            }
        }
    }
}
