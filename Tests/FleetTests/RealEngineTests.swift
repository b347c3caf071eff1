import Foundation
import Synchronization
import System
import TestSupport
import Testing

@testable import Fleet
@testable import fleetload

/// Real servers, as `make setup-test` installs them.
enum RealEngine {
    static var server: String {
        get throws {
            let path = #filePath.components(separatedBy: "/Tests/FleetTests/")[0] + "/.build/test-peers/bin/nats-server"
            try #require(FileManager.default.isExecutableFile(atPath: path), "no \(path): run `make setup-test`")
            return path
        }
    }

    static func cluster(in directory: TemporaryDirectory, count: Int = 3) throws -> EngineCluster {
        try EngineCluster(server: try server, directory: directory.path, count: count)
    }

    static func system(_ cluster: EngineCluster) -> FleetSettings {
        var settings = cluster.settings
        settings.user = "system"
        return settings
    }
}

extension PublishOutcome {
    var isUnknown: Bool { if case .unknown = self { true } else { false } }
}

@Suite("Real servers", .serialized, .ownThread)
struct RealEngineTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("three servers that flush always are accepted, and of eight hosts one wins each race for the fence")
    func threeServers() throws {
        let cluster = try RealEngine.cluster(in: directory)
        try cluster.prepare(within: patience)
        let client = try EngineClient(cluster.settings, within: patience)
        let system = try EngineClient(RealEngine.system(cluster), within: patience)
        let setup = FleetSetup(client, isTrial: false)
        // A server that a busy machine holds up is not counted.
        try blockUntil("three servers without a fault") { setup.serverFaults(system: system) == [] }
        #expect(try setup.create(EngineObject.Limits()) == [], "what is there already is accepted")
        #expect(setup.serverFaults(system: nil).count == 1, "without the system account")
        try race(cluster)
    }

    /// Eight hosts publish at once with the same expectation, each under a name of its own.
    private func race(_ cluster: EngineCluster) throws {
        let clients = try (0..<8).map { _ in try EngineClient(cluster.settings, within: patience) }
        let camera = "gate 1"
        var (rounds, round, last) = (0, 0, UInt64(0))
        while rounds < 100 {
            round += 1
            let messages = clients.indices.map { host in
                Publication(
                    camera: camera,
                    content: .owner(previous: nil),
                    epoch: UInt64(round),
                    isLate: false,
                    expected: last,
                    number: 0,
                    open: ""
                ).message(host: "host \(host)", feed: "f\(host)", body: Array("{}".utf8))
            }
            let subjects = zip(clients, messages).map { $0.send($1) }
            let outcomes = zip(clients, subjects).map { PublishOutcome($0.answer(on: $1)) }
            let winners = outcomes.compactMap { if case .stored(let sequence) = $0 { sequence } else { nil } }
            let stored = try blockUntil("the last message") {
                let question = EngineRequests.last("WATCHWORD", on: FleetSubjects.events(of: camera))
                return if case .value(let value) = clients[0].ask(question) { StoredMessage(value) } else { nil }
            }
            // On a busy machine a server's answer may be lost, and with it who has won.
            if outcomes.contains(where: \.isUnknown) {
                #expect(winners.count <= 1, "\(outcomes)")
                last = stored.sequence
                continue
            }
            rounds += 1
            #expect(winners.count == 1 && outcomes.count { $0 == .wrongSequence } == 7, "\(outcomes)")
            last = winners.first ?? 0
            #expect(stored.sequence == last)
            #expect(stored.number(EngineMessage.Header.epoch) == UInt64(round))
        }
    }

    @Test("one server is accepted for a trial only; what retention drops is a gap; a message is told from its copy")
    func oneServer() throws {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let client = try EngineClient(cluster.settings, within: patience)
        let system = try EngineClient(RealEngine.system(cluster), within: patience)
        let limits = EngineObject.Limits(replicas: 1, bytes: 20_000)
        let trial = FleetSetup(client, isTrial: true)
        #expect(try trial.create(limits) == [])
        try blockUntil("a server for a trial") { trial.serverFaults(system: system) == [] }
        let real = FleetSetup(client, isTrial: false)
        #expect(try real.create(limits).count { $0.contains("must be 3") } == 3)
        #expect(real.serverFaults(system: system).contains { $0.contains("needs 3") })
        try gap(client)
    }

    @Test("hosts follow the operator: a configuration, a camera placed by hand, a host to be drained")
    func settings() throws {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let client = try EngineClient(cluster.settings, within: patience)
        #expect(try FleetSetup(client, isTrial: true).create(EngineObject.Limits(replicas: 1, bytes: 1 << 24)) == [])
        func set(_ subject: String, _ text: String) throws -> UInt64 {
            let outcome = PublishOutcome(client.ask(EngineMessage(subject: subject, payload: Array(text.utf8))))
            guard case .stored(let revision) = outcome else { throw WaitedInVain(description: "\(outcome)") }
            return revision
        }
        let revision = try set(FleetSubjects.configuration, "streams: []")
        let hosts = try ["a", "b"].map { name in
            var settings = EngineCluster.settings(cluster.addresses, host: name)
            // A host that a busy machine holds up is not missed.
            settings.rhythm.patience = patience
            return try NotedHost(settings, "gate 1")
        }
        defer { for host in hosts { host.member.stop() } }
        for host in hosts { try host.wait(for: .configuration(text: "streams: []", revision: revision)) }
        let next = try set(FleetSubjects.configuration, "defaults: {}")
        try hosts[0].wait(for: .configuration(text: "defaults: {}", revision: next))

        try blockUntil("the camera's first host") { hosts.contains { !$0.member.status.owned.isEmpty } }
        let owner = try #require(hosts.first { !$0.member.status.owned.isEmpty })
        let other = try #require(hosts.first { $0 !== owner })
        let (from, to) = (owner.member.settings.host, other.member.settings.host)
        _ = try set(FleetSubjects.place(of: "gate 1"), to)
        try other.wait(for: .prepare(camera: "gate 1", from: from))
        try blockUntil("the move") { other.member.status.owned["gate 1"] != nil }
        try owner.wait(for: .stop(camera: "gate 1", owner: to))
        let claim = other.member.status.claims["gate 1"]
        #expect(claim?.owner == to && claim?.revision == other.member.status.owned["gate 1"])
        try blockUntil("the time of the claim") { other.member.status.claims["gate 1"]?.since != nil }
        #expect(abs(other.member.status.clockLead?.seconds ?? 99) < 60)

        // The operator's order to give all away goes before the place.
        _ = try set(FleetSubjects.drain(of: to), "yes")
        try other.wait(for: .draining(true))
        try blockUntil("the move back") { owner.member.status.owned["gate 1"] != nil }
        _ = try set(FleetSubjects.drain(of: to), "")
        try other.wait(for: .draining(false))
    }

    private func gap(_ client: EngineClient) throws {
        for number in 1...UInt64(200) {
            var publication = Publication(
                camera: "a",
                content: .owner(previous: nil),
                epoch: number,
                isLate: false,
                expected: number - 1,
                number: 0,
                open: "e"
            )
            let message = publication.message(host: "h", feed: "f", body: Array(#"{"type":"owner"}"#.utf8))
            #expect(PublishOutcome(client.ask(message)) == .stored(sequence: number))
            publication.expected = number
            let copy = publication.message(host: "h", feed: "f", body: [])
            if number % 50 == 0 { #expect(PublishOutcome(client.ask(copy)) == .duplicate) }
        }
        var reader = FleetReader(client, after: 0)
        var readings: [FleetReader.Reading] = []
        while readings.last != .caughtUp { readings += try reader.next(within: .seconds(1)) }
        guard case .feed(let feed) = readings.first, case .gap(let dropped) = readings.dropFirst().first else {
            Issue.record("no gap: \(readings.prefix(2))")
            return
        }
        #expect(feed.first == dropped.upperBound + 1 && feed.last == 200 && feed.feedID.hasPrefix("WATCHWORD@20"))
        let sequences = readings.compactMap { if case .record(let seq, _) = $0 { seq } else { nil } }
        #expect(dropped.lowerBound == 1 && sequences == Array(dropped.upperBound + 1...200))
        #expect(readings.contains(.record(seq: 200, line: #"{"type":"owner","seq":200}"#)))
    }

    @Test("what keeps a client from the servers is named, and no password")
    func failures() throws {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        _ = try EngineClient(cluster.settings, within: patience)
        func failure(within limit: Duration = patience, _ change: (inout FleetSettings) -> Void) -> String {
            var settings = cluster.settings
            change(&settings)
            do throws(FleetError) {
                _ = try EngineClient(settings, within: limit)
                return "none"
            } catch { return error.description }
        }
        // A server that is not there yet may come.
        try blockUntil("the reason") {
            let none = failure(within: .seconds(2)) { $0.servers = ["nats://127.0.0.1:1"] }
            #expect(none.contains("127.0.0.1:1"), "\(none)")
            return none.contains("no server answers")
        }
        // One that refuses the password stays with it.
        let wrong = failure { $0.password = "another secret" }
        #expect(wrong.contains("no connection with the fleet's servers"), "\(wrong)")
        #expect(wrong.contains(": Authorization Violation; check the user"), "\(wrong)")
        #expect(!wrong.contains("another secret"))
        #expect(failure { $0.ca = "/nowhere/ca.pem" }.contains("check fleet:"))
        let unread = failure { $0.credentials = "/nowhere/host.creds" }
        #expect(unread.contains("/nowhere/host.creds"), "\(unread)")
        var settings = cluster.settings
        settings.password = "another secret"
        #expect(!"\(settings)\(String(reflecting: settings))".contains("another secret"))
    }

    @Test("the refusal of a server that starts later, or anew, is named; a host connects once it is accepted")
    func lateRefusal() throws {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        cluster.kill(0)
        let (settings, trouble) = (cluster.settings, "no connection with the fleet's servers: ")
        let host = try NotedHost(settings)
        defer { host.member.stop() }
        try host.wait(for: .trouble(trouble + "no server answers"))
        let verb = Mutex("")
        let thread = try NamedThread.start("verb") {
            do throws(FleetError) { _ = try EngineClient(settings, within: patience) } catch {
                verb.withLock { $0 = error.description }
            }
        }.get()
        let configuration = try String(contentsOfFile: directory.path + "/s0.conf", encoding: .utf8)
        let other = configuration.replacingOccurrences(of: EngineCluster.password, with: "another secret")
        try directory.write(other, to: "s0.conf")
        try cluster.start(0)
        try host.wait(for: .trouble(trouble + "Authorization Violation"))
        thread.join()
        let failure = verb.withLock(\.self)
        #expect(failure.contains(": Authorization Violation; check the user"), "\(failure)")

        func restart(_ configuration: String) throws {
            cluster.kill(0)
            try directory.write(configuration, to: "s0.conf")
            try cluster.start(0)
        }
        try restart(configuration)
        try blockUntil("the connection") { host.member.status.isConnected }
        // The library itself ends a connection that it cannot renew for that.
        try restart(other)
        try blockUntil("the refusal of a connection that was lost") {
            host.member.status.trouble == trouble + "Authorization Violation"
        }
        try restart(configuration)
        try blockUntil("another connection") { host.member.status.isConnected }
    }
}
