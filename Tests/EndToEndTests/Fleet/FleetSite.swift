import Fleet
import Foundation
import TestSupport
import Testing
import Text

/// Daemons that take part in a fleet on a real server.
final class FleetSite {
    let directory: TemporaryDirectory
    private let server: FleetServer
    private var hosts: [String: ChildProcess] = [:]
    private var reader: FleetReader
    /// Every record of the fleet so far, in order.
    private(set) var records: [JSONValue] = []

    /// - Parameter streams: the fleet's, as YAML list elements.
    init(_ streams: String, in directory: TemporaryDirectory) async throws {
        self.directory = directory
        server = try FleetServer(in: directory)
        reader = FleetReader(try EngineClient(server.settings, within: patience), after: 0)
        try configure("operator")
        try directory.write("streams:\n" + streams, to: "fleet.yaml")
        // The machine may have little room, such as a /tmp in memory.
        try await command("init", "--trial", "--keep-size", "16MB")
        try await command("apply", directory("fleet.yaml"))
    }

    deinit { for host in hosts.values { host.kill() } }

    private func file(_ host: String) -> String { directory("\(host).yaml") }

    private func configure(_ host: String) throws {
        let text = """
            model: {path: \(Tree.tinyModel)}
            events: {socket: \(directory("\(host).sock")), journal: \(directory("\(host).sqlite"))}
            \(server.section(host: host, ", rhythm: quick, capacity: 100"))
            """
        try directory.write(text, to: "\(host).yaml")
    }

    /// Runs a verb of `watchword fleet`, which must succeed.
    @discardableResult
    func command(_ arguments: String...) async throws -> String {
        let outcome = try await watchword(
            ["fleet"] + arguments + ["--config", file("operator")],
            environment: FleetServer.environment,
            in: directory
        )
        try #require(outcome.ending == .exit(0), "\(arguments): \(outcome)")
        return outcome.output
    }

    /// Makes a text the fleet's configuration without looking at it, as an operator of a newer version may.
    func store(_ text: String) throws -> UInt64 {
        let fleet = FleetOperator(try EngineClient(server.settings, within: patience))
        return try fleet.apply(text, over: try fleet.standing(), version: "9.0.0")
    }

    /// - Parameter own: variables of this host alone.
    @discardableResult
    func start(_ host: String, own: [String: String] = [:]) throws -> ChildProcess {
        try configure(host)
        var environment = FleetServer.environment
        for (name, value) in own { environment[name] = value }
        let process = try ChildProcess(
            MovedClock.launcher,
            [try Program.path(), "run", "--config", file(host)],
            environment: Program.environment(environment),
            in: directory,
            name: "\(host)-\(hosts.count)"
        )
        hosts[host] = process
        return process
    }

    /// Takes a host's power away.
    func kill(_ host: String) { hosts[host]?.kill() }

    /// Waits until the records of the fleet so far satisfy a condition.
    func until(_ what: String, _ condition: ([JSONValue]) -> Bool) async throws {
        let context = { [self] in
            records.suffix(20).map { $0.text() }.joined(separator: "\n")
                + hosts.map { "\n\($0.key): \($0.value.errors.suffix(3000))" }.joined()
        }
        try await eventually(what, context: context) {
            for reading in try reader.next(within: .milliseconds(20)) {
                if case .record(_, let line) = reading { records.append(try JSONValue(parsing: line)) }
            }
            return condition(records)
        }
    }

    /// What a host's own status says of the fleet.
    func status(_ host: String) async throws -> JSONValue {
        let client = try SocketClient(path: directory("\(host).sock"))
        try client.send(#"{"status":{}}"#)
        return try #require(try await client.next("the status") { $0.type == "status" }["fleet"])
    }

    func errors(_ host: String) -> String { hosts[host]?.errors ?? "" }
}

extension [JSONValue] {
    /// The last host that said that it has the camera.
    func owner(of camera: String) -> String? {
        last { $0.type == "owner" && $0["stream"]?.string == camera }?["host"]?.string
    }

    /// Whether the present owner of the camera has reported an event of it.
    func isWatched(_ camera: String) -> Bool {
        let owner = lastIndex { $0.type == "owner" && $0["stream"]?.string == camera }
        return owner.map { self[$0...].contains { $0.isEvent("started", of: camera) } } ?? false
    }
}

/// Expects that each event has one start and one end at most, in this order, and that no claim of a camera is followed by
/// records of an earlier one.
func expectOneStory(_ records: [JSONValue], sourceLocation: SourceLocation = #_sourceLocation) {
    var states: [String: String] = [:]
    var epochs: [String: Int64] = [:]
    for record in records where record["late"] == nil {
        guard let camera = record["stream"]?.string, let epoch = record["epoch"]?.integer else {
            Issue.record("a record without stream or epoch: \(record.text())", sourceLocation: sourceLocation)
            continue
        }
        #expect(epoch >= epochs[camera] ?? 0, "\(record.text())", sourceLocation: sourceLocation)
        epochs[camera] = epoch
        guard record.type == "event", let id = record["id"]?.string, let state = record.state else { continue }
        let isFirst = states[id] == nil
        #expect((state == "started") == isFirst, "\(record.text())", sourceLocation: sourceLocation)
        #expect(states[id] != "ended", "\(record.text())", sourceLocation: sourceLocation)
        states[id] = state
    }
}
