import TestSupport
import Testing
import Text

@testable import Fleet
@testable import fleetload

/// A host of this build beside one of another, on a real server, as while a fleet is upgraded.
@Suite("Hosts of several versions", .serialized, .ownThread)
struct VersionTests {
    /// What a build sends.
    struct Build: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var heartbeat: String
        /// Entries of the claims and of the settings that this build knows nothing of.
        var entries: [String]
        /// The bodies of the records that it leaves behind, with their headers.
        var records: [(body: String, headers: [String: String])]
        /// Members of the last record that are kept when its event is ended.
        var kept: [String]
    }

    /// Before hosts reported their load, their models and whether they take cameras, and before records named the last
    /// state of their stream.
    private static let older = Build(
        testDescription: "an older one",
        heartbeat: #"{"host":"other","run":"r1","capacity":10,"draining":false,"version":"0.0.1"}"#,
        entries: [],
        records: [
            (#"{"type":"owner","stream":"gate","host":"other","epoch":1,"previous":null}"#, [:]),
            (
                #"{"type":"event","id":"e1","state":"started","stream":"gate","label":"l","text":"t","score":0.9,"#
                    + #""top_score":0.9,"threshold":0.5,"start_time":"2026-01-01T00:00:00.000Z","end_time":null,"#
                    + #""duration":null,"end_reason":null,"window_seconds":2.0,"model":"m","confirmed":true,"#
                    + #""time":"2026-01-01T00:00:01.000Z","host":"other","epoch":1}"#,
                ["Watchword-Open": "e1"]
            ),
        ],
        kept: ["label", "start_time"]
    )

    /// With further members everywhere, with records of a type and of a state that this build cannot read, and with entries
    /// for something new, which the watches of this build show it.
    private static let newer = Build(
        testDescription: "a newer one",
        heartbeat: #"{"host":"other","run":"r1","capacity":10,"load":1.0,"draining":false,"closed":false,"models":[],"#
            + #""revision":null,"version":"9.0.0","format":2,"zones":["a",{"b":1}]}"#,
        entries: ["$KV.watchword_claims.=quota=gate", "$KV.watchword_config.theme.gate"],
        records: [
            (
                #"{"type":"owner","stream":"gate","host":"other","epoch":1,"previous":null,"format":2}"#,
                ["Mood": "calm"]
            ),
            (#"{"type":"hologram","stream":"gate","host":"other","epoch":1,"format":2}"#, ["Watchword-Health": "this"]),
            (
                #"{"type":"event","id":"e1","state":"dozing","stream":"gate","text":"t","format":2,"mood":"calm","#
                    + #""host":"other","epoch":1}"#,
                ["Watchword-Open": "e1", "Watchword-Health": "-1"]
            ),
        ],
        kept: ["text", "format", "mood"]
    )

    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(
        "a host of another build is heard, keeps its camera, and leaves its camera and its open event to this one",
        arguments: [older, newer]
    )
    func together(build: Build) throws {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let client = try EngineClient(cluster.settings, within: patience)
        #expect(try FleetSetup(client, isTrial: true).create(EngineObject.Limits(replicas: 1, bytes: 1 << 24)) == [])
        func settings(_ host: String) -> FleetSettings {
            var settings = EngineCluster.settings(cluster.addresses, host: host)
            settings.rhythm = .quick
            // A host that a busy machine holds up for a moment is not missed.
            settings.rhythm.patience = .seconds(30)
            return settings
        }
        let other = try WrittenHost(settings("other"), heartbeat: build.heartbeat)
        defer { other.leave() }
        for entry in build.entries { try store(client, entry, body: #"{"format":2}"#) }
        let epoch = try store(
            client,
            "$KV.watchword_claims.gate",
            ["Nats-Expected-Last-Subject-Sequence": "0"],
            body: "other"
        )
        var last: UInt64 = 0
        for (place, record) in build.records.enumerated() {
            let own = [
                "Nats-Expected-Last-Subject-Sequence": String(last), "Nats-Msg-Id": "other.gate.\(epoch).\(place)",
                "Nats-Expected-Last-Subject-Sequence-Subject": "watchword.ev.gate.*", "Watchword-Epoch": String(epoch),
                "Watchword-Number": String(place), "Watchword-Feed": "other's",
            ]
            let headers = own.merging(record.headers) { own, _ in own }
            last = try store(client, "watchword.ev.gate.other", headers, body: record.body)
        }

        let host = try NotedHost(settings("here"), "gate", "yard")
        defer { host.member.stop() }
        // Its share is the camera that nobody has, once it hears all hosts.
        try blockUntil("the free camera") { host.member.status.owned["yard"] != nil }
        #expect(host.member.status.hosts.map(\.host) == ["here", "other"])
        #expect(host.member.status.claims["gate"]?.owner == "other" && host.member.status.owned["gate"] == nil)
        let snapshot = try client.snapshot()
        #expect(snapshot.open.count == 1 && snapshot.open[0].contains(#""id":"e1""#))

        other.leave()
        try blockUntil("the camera of the host that left") { host.member.status.owned["gate"] != nil }
        try host.wait(for: .ended(camera: "gate", event: "e1"))
        var reader = FleetReader(client, after: 0)
        var readings: [FleetReader.Reading] = []
        while readings.last != .caughtUp { readings += try reader.next(within: .seconds(1)) }
        let lines = readings.compactMap { if case .record(_, let line) = $0 { line } else { nil } }
        let records = try lines.map { try JSONValue(parsing: $0) }.filter { $0["stream"] == "gate" }
        // What this build cannot read comes through as it is.
        let types = try build.records.map { try JSONValue(parsing: $0.body)["type"]?.string }
        #expect(records.map { $0["type"]?.string } == types + ["owner", "event"])
        let (owner, end) = (records[records.count - 2], records[records.count - 1])
        #expect(owner["previous"] == "other" && owner["host"] == "here")
        #expect(
            end["id"] == "e1" && end["state"] == "ended" && end["end_reason"] == "owner_lost" && end["host"] == "here"
        )
        let before = try JSONValue(parsing: build.records[build.records.count - 1].body)
        for key in build.kept { #expect(end[key] != nil && end[key] == before[key], "\(key)") }
        #expect(try client.snapshot().open == [])
    }

    @discardableResult
    private func store(
        _ client: EngineClient,
        _ subject: String,
        _ headers: [String: String] = [:],
        body: String
    ) throws -> UInt64 {
        let message = EngineMessage(subject: subject, headers: headers, payload: Array(body.utf8))
        let outcome = PublishOutcome(client.ask(message))
        guard case .stored(let sequence) = outcome else { throw WaitedInVain(description: "\(subject): \(outcome)") }
        return sequence
    }
}
