import Fleet
import Foundation
import TestSupport
import Testing

@testable import fleetload

/// A real NATS server, which lives as long as this object.
final class FleetServer {
    /// With the user `fleet`, as a host named `test`.
    let settings: FleetSettings
    private let process: ChildProcess

    init(in directory: TemporaryDirectory) throws {
        try #require(FileManager.default.isExecutableFile(atPath: Tree.natsServer), "run `make setup-test`")
        let address = "127.0.0.1:\(try EngineCluster.freePorts(1)[0])"
        settings = EngineCluster.settings("nats://\(address)", host: "test")
        let configuration = """
            listen: "\(address)"
            jetstream { store_dir: "\(directory("js"))", sync_interval: always }
            accounts {
                FLEET { jetstream: enabled, users: [ { user: fleet, password: "\(EngineCluster.password)" } ] }
            }

            """
        let file = try directory.write(configuration, to: "nats.conf")
        process = try ChildProcess(Tree.natsServer, ["-c", file], in: directory, name: "nats")
        _ = try EngineClient(settings, within: patience)
    }

    deinit { process.kill() }

    /// `fleet:` of a host's file.
    func section(host: String, _ more: String = "") -> String {
        let servers = settings.servers.map { "'\($0)'" }.joined(separator: ", ")
        return "fleet: {servers: [\(servers)], user: fleet, password: \"${FLEET_PASSWORD}\", host: \(host)\(more)}"
    }

    /// What `${FLEET_PASSWORD}` stands for.
    static let environment: [String: String?] = ["FLEET_PASSWORD": EngineCluster.password]
}
