import Foundation
import TestSupport
import Testing

@testable import Fleet
@testable import fleetload

@Suite("Security with real servers", .serialized, .ownThread)
struct SecurityTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> String { directory.path + "/" + name }

    private func connects(_ settings: FleetSettings, within limit: Duration) -> Bool {
        (try? EngineClient(settings, within: limit)) != nil
    }

    /// Whether a verb says before its time is over that it cannot connect with these settings, for that reason.
    private func isRefused(_ settings: FleetSettings, for reason: String) -> Bool {
        do throws(FleetError) {
            _ = try EngineClient(settings, within: patience)
            return false
        } catch {
            // At the end of the time it would ask whether they are running.
            return error.description.contains(reason) && error.description.contains("; check the user")
        }
    }

    @Test("TLS with certificates on both sides; none without them, and none with a server of another authority")
    func mutualTLS() throws {
        let certificates = Certificates(directory: directory)
        for name in ["ca", "other"] { try certificates.authority(name) }
        for name in ["server", "client"] { try certificates.certificate(name) }
        // By itself a server gives a handshake two seconds, and a second one that fails counts as a refusal.
        let tls = """
            tls {
                cert_file: "\(path("server.pem"))", key_file: "\(path("server.key"))", ca_file: "\(path("ca.pem"))", verify: true
                timeout: \(patience.components.seconds)
            }

            """
        let server = try SecuredServer(in: directory, tls)
        var settings = server.settings("tls")
        settings.ca = path("ca.pem")
        (settings.clientCertificate, settings.clientKey) = (path("client.pem"), path("client.key"))
        #expect(connects(settings, within: patience))
        var nameless = settings
        (nameless.clientCertificate, nameless.clientKey) = (nil, nil)
        #expect(isRefused(nameless, for: "does it want a client's certificate?"))
        var stranger = settings
        try certificates.certificate("stranger", by: "other")
        (stranger.clientCertificate, stranger.clientKey) = (path("stranger.pem"), path("stranger.key"))
        #expect(isRefused(stranger, for: "does it trust the client's certificate?"))
        var distrustful = settings
        distrustful.ca = path("other.pem")
        #expect(isRefused(distrustful, for: "unable to get local issuer certificate"))
        var plain = server.settings("nats")
        plain.ca = nil
        #expect(isRefused(plain, for: "unable to get local issuer certificate"))
    }

    @Test("TLS with a server that has none")
    func plainServer() throws {
        let server = try SecuredServer(in: directory, "")
        #expect(connects(server.settings(), within: patience))
        #expect(isRefused(server.settings("tls"), for: "one side uses TLS and the other does not"))
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
        #expect(isRefused(settings, for: "missing.nk"))
        #expect(isRefused(server.settings(), for: "Authorization Violation"))
    }
}
