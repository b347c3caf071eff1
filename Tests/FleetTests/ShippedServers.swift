import Foundation
import TestSupport
import Testing

@testable import Fleet
@testable import fleetload

/// Three real servers with the files of `Config/fleet`, on loopback. What the manual has an operator edit is replaced.
final class ShippedServers {
    static let password = "correct horse"

    private let directory: TemporaryDirectory
    private let addresses: [String]
    private let servers: [Child]

    init(in directory: TemporaryDirectory) throws {
        self.directory = directory
        let certificates = Certificates(directory: directory)
        try certificates.authority("ca")
        for name in ["server", "client"] { try certificates.certificate(name) }
        let shipped = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Config/fleet").standardizedFileURL.path
        func text(_ name: String) throws -> String { try String(contentsOfFile: "\(shipped)/\(name)", encoding: .utf8) }
        try directory.write(try text("accounts.conf"), to: "accounts.conf")
        let passwords = try text("passwords.conf").replacing("change me", with: Self.password)
        try directory.write(passwords, to: "passwords.conf")
        let server = try text("nats-server.conf")
        let ports = try EngineCluster.freePorts(6)
        addresses = ports[..<3].map { "tls://127.0.0.1:\($0)" }
        servers = try ["a", "b", "c"].enumerated().map { index, name in
            var own =
                server
                .replacing("server_name: a\n", with: "server_name: \(name)\n")
                .replacing("0.0.0.0:4222", with: "127.0.0.1:\(ports[index])")
                .replacing("0.0.0.0:6222", with: "127.0.0.1:\(ports[3 + index])")
                // A busy machine's handshakes take longer than the two seconds that a server gives them.
                .replacing("verify: true\n", with: "verify: true\n  timeout: \(patience.components.seconds)\n")
                .replacing("/etc/watchword-nats", with: directory.path)
                .replacing("/var/lib/watchword-nats", with: "\(directory.path)/state-\(name)")
            for (peer, port) in zip(["a", "b", "c"], ports[3...]) {
                own = own.replacing("\(peer).local:6222", with: "127.0.0.1:\(port)")
            }
            try directory.write(own, to: "\(name).conf")
            let path = "\(directory.path)/\(name)"
            return try Child(name, [try RealEngine.server, "-c", path + ".conf"], output: path + ".log")
        }
    }

    /// A user's settings. A host has the name of its user.
    func settings(_ user: String) -> FleetSettings {
        var settings = FleetSettings(servers: addresses, host: user)
        (settings.user, settings.password) = (user, Self.password)
        settings.ca = directory.path + "/ca.pem"
        settings.clientCertificate = directory.path + "/client.pem"
        settings.clientKey = directory.path + "/client.key"
        return settings
    }

    /// What the servers wrote, for a test that waits in vain.
    var log: String {
        ["a", "b", "c"].compactMap { try? String(contentsOfFile: "\(directory.path)/\($0).log", encoding: .utf8) }
            .joined()
    }
}
