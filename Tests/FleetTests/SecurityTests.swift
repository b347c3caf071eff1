import Foundation
import TestSupport
import Testing

@testable import Fleet
@testable import fleetload

/// One real server with a configuration of the test's own.
private final class SecuredServer {
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

@Suite("Security with real servers", .serialized, .ownThread)
struct SecurityTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> String { directory.path + "/" + name }

    private func connects(_ settings: FleetSettings, within limit: Duration) -> Bool {
        (try? EngineClient(settings, within: limit)) != nil
    }

    @Test("TLS with certificates on both sides; none without them, and none with a server of another authority")
    func mutualTLS() throws {
        let certificates = Certificates(directory: directory)
        for name in ["ca", "other"] { try certificates.authority(name) }
        for name in ["server", "client"] { try certificates.certificate(name) }
        let tls = """
            tls { cert_file: "\(path("server.pem"))", key_file: "\(path("server.key"))", ca_file: "\(path("ca.pem"))", verify: true }

            """
        let server = try SecuredServer(in: directory, tls)
        var settings = server.settings("tls")
        settings.ca = path("ca.pem")
        (settings.clientCertificate, settings.clientKey) = (path("client.pem"), path("client.key"))
        #expect(connects(settings, within: patience))
        var nameless = settings
        (nameless.clientCertificate, nameless.clientKey) = (nil, nil)
        #expect(!connects(nameless, within: .seconds(2)))
        var distrustful = settings
        distrustful.ca = path("other.pem")
        #expect(!connects(distrustful, within: .seconds(2)))
        var plain = server.settings("nats")
        plain.ca = nil
        #expect(!connects(plain, within: .seconds(2)))
    }

    /// The pair of keys in NATS's own documentation.
    @Test("a user's NKey from a file")
    func nkey() throws {
        let user = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
        try directory.write("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY\n", to: "host.nk")
        let server = try SecuredServer(in: directory, "authorization { users: [ { nkey: \(user) } ] }\n")
        var settings = server.settings()
        (settings.nkey, settings.nkeySeed) = (user, path("host.nk"))
        #expect(connects(settings, within: patience))
        settings.nkeySeed = path("missing.nk")
        #expect(!connects(settings, within: .seconds(1)))
        #expect(!connects(server.settings(), within: .seconds(1)))
    }
}
