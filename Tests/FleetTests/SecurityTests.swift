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

@Suite("Security with real servers", .serialized)
struct SecurityTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> String { directory.path + "/" + name }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
    }

    private static let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]

    private func authority(_ name: String) throws {
        let files = ["-keyout", path("\(name).key"), "-out", path("\(name).pem"), "-subj", "/CN=\(name)"]
        try openssl(["req", "-x509"] + Self.curve + files)
    }

    /// Signed by the authority "ca".
    private func certificate(_ name: String) throws {
        let files = ["-keyout", path("\(name).key"), "-out", path("\(name).pem"), "-subj", "/CN=\(name)"]
        let signed = ["-addext", "subjectAltName=IP:127.0.0.1", "-CA", path("ca.pem"), "-CAkey", path("ca.key")]
        try openssl(["req", "-x509"] + Self.curve + files + signed)
    }

    private func connects(_ settings: FleetSettings, within limit: Duration) -> Bool {
        (try? EngineClient(settings, within: limit)) != nil
    }

    @Test("TLS with certificates on both sides; none without them, and none with a server of another authority")
    func mutualTLS() throws {
        for name in ["ca", "other"] { try authority(name) }
        for name in ["server", "client"] { try certificate(name) }
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

    /// The permissions of a host, as the manual is to recommend them.
    private static func permissions(of host: String) -> String {
        let publish = [
            "watchword.hb.\(host)", "watchword.ev.*.\(host)", "watchword.late.*.\(host)", "$KV.watchword_claims.*",
            "$KV.watchword_claims.pulse.\(host)", "$JS.API.STREAM.MSG.GET.WATCHWORD",
            "$JS.API.CONSUMER.CREATE.KV_watchword_claims.*",
            "$JS.API.CONSUMER.MSG.NEXT.KV_watchword_claims.*",
        ]
        let list = publish.map { "\"\($0)\"" }.joined(separator: ", ")
        let subscribe = "[\"watchword.hb.*\", \"_INBOX.\(host).>\"]"
        let limits = "permissions: { publish: [\(list)], subscribe: \(subscribe) }"
        return "{ user: \(host), password: secret, \(limits) }"
    }

    @Test("with its own permissions a host works, writes nothing in another's name, and purges nothing")
    func permissions() throws {
        let users = ["{ user: admin, password: secret }"] + ["h", "other"].map(Self.permissions)
        let accounts = "accounts { FLEET { jetstream: enabled, users: [ \(users.joined(separator: ",\n")) ] } }\n"
        let server = try SecuredServer(in: directory, accounts)
        func settings(_ user: String) -> FleetSettings {
            var settings = server.settings(host: user)
            (settings.user, settings.password) = (user, "secret")
            return settings
        }
        let admin = try EngineClient(settings("admin"), within: patience)
        #expect(try FleetSetup(admin, isTrial: true).create(EngineObject.Limits(replicas: 1, bytes: 1 << 20)) == [])
        try work(settings("h"), admin)

        let other = try EngineClient(settings("other"), within: patience)
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
        // The server takes a client's messages in order: when the last is stored, the others were refused.
        for forbidden in [
            message("b", as: "h"), EngineMessage(subject: "watchword.late.b.h"),
            EngineMessage(subject: "$KV.watchword_claims.pulse.h"),
            EngineMessage(subject: "$KV.watchword_config.fleet"),
            EngineMessage(subject: "$JS.API.STREAM.PURGE.WATCHWORD"),
            EngineMessage(subject: "$JS.API.STREAM.DELETE.WATCHWORD"),
        ] {
            other.publish(forbidden)
        }
        guard case .stored = PublishOutcome(other.ask(message("c", as: "other"))) else {
            Issue.record("its own record was refused")
            return
        }
        let subjects = ["watchword.ev.b.h", "watchword.late.b.h"]
        for subject in subjects { #expect(isEmpty(admin.ask(EngineRequests.last("WATCHWORD", on: subject)))) }
        #expect(isEmpty(admin.ask(EngineRequests.last("KV_watchword_config", on: "$KV.watchword_config.fleet"))))
        #expect(!isEmpty(admin.ask(EngineRequests.last("WATCHWORD", on: "watchword.ev.a.h"))), "nothing was purged")
    }

    private func isEmpty(_ reply: EngineReply) -> Bool {
        if case .failure(let failure) = reply { failure.code == EngineReply.Failure.noMessage } else { false }
    }

    /// A host claims a camera and forwards a record of it.
    private func work(_ settings: FleetSettings, _ admin: EngineClient) throws {
        let host = try WorkingHost(settings, camera: "a")
        defer { host.member.stop() }
        try blockUntil("the record to be in the stream", context: { "\(host.member.status)" }) {
            guard case .value(let value) = admin.ask(EngineRequests.last("WATCHWORD", on: "watchword.ev.a.h")) else {
                return false
            }
            return StoredMessage(value)?.headers[EngineMessage.Header.messageID]?.hasSuffix(".1") ?? false
        }
    }
}
