import TestSupport
import Testing

@testable import Fleet

@Suite("The servers of Config/fleet", .serialized, .ownThread)
struct ShippedServerTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("init accepts them; a host works, writes nothing in another's name, and changes nothing of the operator's")
    func permissions() throws {
        let servers = try ShippedServers(in: directory)
        let operatorClient = try EngineClient(servers.settings("operator"), within: patience)
        let system = try EngineClient(servers.settings("system"), within: patience)
        let setup = FleetSetup(operatorClient, isTrial: false)
        try blockUntil("three servers that init accepts", context: { servers.log }) {
            setup.serverFaults(system: system).isEmpty
        }
        try blockUntil("the objects", context: { servers.log }) {
            (try? setup.create(EngineObject.Limits(bytes: 1 << 24))) == []
        }
        let engine = FleetOperator(operatorClient)
        let revision = try engine.apply("streams: []\n", over: try engine.standing(), version: "1")
        let host = try WorkingHost(servers.settings("node-1"), camera: "a")
        defer { host.member.stop() }
        try blockUntil("the record to be in the stream", context: { "\(host.member.status)" }) {
            guard
                case .value(let value) = operatorClient.ask(
                    EngineRequests.last("WATCHWORD", on: "watchword.ev.a.node-1")
                )
            else { return false }
            return StoredMessage(value)?.headers[EngineMessage.Header.messageID]?.hasSuffix(".1") ?? false
        }
        try refuse(servers.settings("node-2"), operatorClient)
        try read(servers)
        #expect(try engine.standing().revision?.number == revision, "no host has changed the configuration")
    }

    /// What a host must not do.
    private func refuse(_ settings: FleetSettings, _ operatorClient: EngineClient) throws {
        func message(_ camera: String, as host: String) -> EngineMessage {
            Publication(
                camera: camera,
                content: .owner(previous: nil),
                epoch: 9,
                isLate: false,
                expected: 0,
                number: 0,
                open: ""
            ).message(host: host, feed: "f", body: Array("{}".utf8))
        }
        let other = try EngineClient(settings, within: patience)
        // The server takes a client's messages in order: when the last is stored, the others were refused.
        for forbidden in [
            message("b", as: "node-1"), EngineMessage(subject: "watchword.late.b.node-1"),
            EngineMessage(subject: "$KV.watchword_claims.pulse.node-9"),
            EngineMessage(subject: FleetSubjects.configuration, payload: [1]),
            EngineMessage(subject: FleetSubjects.drain(of: "node-1"), payload: [1]),
            EngineMessage(subject: "$JS.API.STREAM.PURGE.WATCHWORD"),
            EngineMessage(subject: "$JS.API.STREAM.DELETE.WATCHWORD"),
        ] {
            other.publish(forbidden)
        }
        guard case .stored = PublishOutcome(other.ask(message("c", as: "node-2"))) else {
            Issue.record("its own record was refused")
            return
        }
        let subjects = ["watchword.ev.b.node-1", "watchword.late.b.node-1"]
        for subject in subjects { #expect(isEmpty(operatorClient.ask(EngineRequests.last("WATCHWORD", on: subject)))) }
        for (bucket, subject) in [
            ("KV_watchword_claims", "$KV.watchword_claims.pulse.node-9"),
            ("KV_watchword_config", FleetSubjects.drain(of: "node-1")),
        ] {
            #expect(isEmpty(operatorClient.ask(EngineRequests.last(bucket, on: subject))))
        }
        #expect(!isEmpty(operatorClient.ask(EngineRequests.last("WATCHWORD", on: "watchword.ev.a.node-1"))))
    }

    /// What hosts and readers see.
    private func read(_ servers: ShippedServers) throws {
        let node = FleetOperator(try EngineClient(servers.settings("node-2"), within: patience))
        let revision = try node.standing().revision
        let overview = try blockUntil("the host is heard") {
            let overview = try node.overview(servers: [], revision: revision, configured: [], listening: .seconds(2.5))
            return overview.hosts.first { $0.name == "node-1" }?.heartbeat == nil ? nil : overview
        }
        let standing = try node.standing()
        let refusal = #expect(throws: FleetError.self) { try node.apply("a: 1", over: standing, version: "1") }
        #expect(refusal?.description.contains("ermission") ?? false, "\(refusal.debugDescription)")
        #expect(overview.engine.version?.hasPrefix("2.") ?? false)
        #expect(overview.engine.stream.replicas.count == 2)
        #expect(overview.cameras.first { $0.name == "a" }?.host == "node-1")
        #expect(overview.hosts.first { $0.name == "node-1" }?.state == "alive")
        var reader = FleetReader(try EngineClient(servers.settings("reader"), within: patience), after: 0)
        var readings: [FleetReader.Reading] = []
        while readings.last != .caughtUp { readings += try reader.next(within: .seconds(1)) }
        let count = readings.count { if case .record = $0 { true } else { false } }
        #expect(count == 3, "two owners and a record: \(readings)")
    }

    private func isEmpty(_ reply: EngineReply) -> Bool {
        if case .failure(let failure) = reply { failure.code == EngineReply.Failure.noMessage } else { false }
    }
}
