import TestSupport

@testable import Fleet
@testable import fleetload

/// One real server with a configuration of the test's own.
final class SecuredServer {
    let directory: TemporaryDirectory
    let port: Int
    private let child: Child

    /// - Parameter configuration: after the port and the streams' directory.
    init(in directory: TemporaryDirectory, _ configuration: String) throws {
        self.directory = directory
        let socket = try EngineCluster.freePorts(1)
        port = Int(socket[0])
        try directory.write(
            "server_name: s0\nlisten: 127.0.0.1:\(port)\njetstream { store_dir: \"\(directory.path)/js\" }\n"
                + configuration,
            to: "server.conf"
        )
        let path = directory.path
        child = try Child("s0", [try RealEngine.server, "-c", path + "/server.conf"], output: path + "/server.log")
    }

    func settings(_ scheme: String = "nats", host: String = "h") -> FleetSettings {
        FleetSettings(servers: ["\(scheme)://127.0.0.1:\(port)"], host: host)
    }
}
