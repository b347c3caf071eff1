import Foundation
import TestSupport
import Testing

/// Passwords and TLS against a real broker.
@Suite(.serialized) struct MQTTSecurityTests {
    private let canary = "c4nary%41!@#"

    @Test func aRefusedPasswordIsSaidOnceAndTriedAgain() async throws {
        try await TemporaryDirectory.with { directory in
            try await withPasswords(in: directory) { broker in
                try await run("username: watchword", "password: ${MQTT_PASSWORD}", broker: broker, in: directory) {
                    daemon in
                    try await eventually("three attempts", context: { broker.log }) {
                        broker.log.components(separatedBy: "not authorised").count > 3
                    }
                    let lines = daemon.errors.split(separator: "\n").filter { $0.contains("MQTT") }
                    #expect(lines.count == 1, "\(lines)")
                    let wanted = "warning mqtt the MQTT broker 127.0.0.1:\(broker.port) refuses the connection: "
                    #expect(lines.first?.contains(wanted + "check mqtt.username and mqtt.password") == true)
                    #expect(!daemon.errors.contains("c4nary"))
                    let status = try await watchword(["status", "--socket", directory.socket], in: directory)
                    #expect(status.output.contains("mqtt      disconnected: the MQTT broker 127.0.0.1:"))
                    #expect(!status.description.contains("c4nary"))
                    let environment = ["MQTT_PASSWORD": canary]
                    let file = ["--config", directory("watchword.yaml")]
                    let check = try await watchword(["check"] + file, environment: environment, in: directory)
                    #expect(check.output.contains("mqtt.password = ***"))
                    #expect(!check.description.contains("c4nary"))
                }
            }
        }
    }

    @Test func thePasswordOfACredentialOpens() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write(canary + "\n", to: "MQTT_PASSWORD")
            try await withPasswords(password: canary, in: directory) { broker in
                let environment = ["CREDENTIALS_DIRECTORY": directory.path]
                try await run(
                    "username: watchword",
                    "password: ${MQTT_PASSWORD}",
                    environment: environment,
                    broker: broker,
                    in: directory
                ) { daemon in
                    try await connected(daemon)
                    #expect(!daemon.errors.contains("c4nary"))
                }
            }
        }
    }

    @Test func tlsIsVerifiedBothWays() async throws {
        try await TemporaryDirectory.with { directory in
            for name in ["ca", "other"] { try await authority(name, in: directory) }
            try await certificate("broker", "IP:127.0.0.1", in: directory)
            try await certificate("client", "DNS:client", in: directory)
            let options = """
                allow_anonymous true
                cafile \(directory("ca.pem"))
                certfile \(directory("broker.pem"))
                keyfile \(directory("broker.key"))
                require_certificate true
                """
            try await MosquittoBroker.with(options: options, in: directory) { broker in
                let client = ["client_cert: \(directory("client.pem"))", "client_key: \(directory("client.key"))"]
                func tls(_ more: [String], host: String = "127.0.0.1") -> String {
                    let url = "url: mqtts://\(host):\(broker.port)"
                    return "mqtt:\n" + ([url] + more).map { "  \($0)\n" }.joined()
                }
                let stream = DaemonProcess.stream("live", DaemonProcess.picture)
                let good = stream + tls(["ca: \(directory("ca.pem"))"] + client)
                try await MQTTDaemon.with(good, in: directory) { try await connected($0) }
                // Another authority, the system's authorities, another name, no certificate of our own.
                for bad in [
                    tls(["ca: \(directory("other.pem"))"] + client), tls(client),
                    tls(["ca: \(directory("ca.pem"))"] + client, host: "localhost"),
                    tls(["ca: \(directory("ca.pem"))"]),
                ] {
                    try await MQTTDaemon.with(stream + bad, in: directory) { daemon in
                        try await eventually("a complaint", context: { daemon.errors }) {
                            daemon.errors.contains("warning mqtt no ")
                        }
                        #expect(!daemon.errors.contains("connected with"), "\(bad): \(daemon.errors)")
                    }
                }
            }
        }
    }

    // MARK: - Parts

    private func connected(_ daemon: ChildProcess) async throws {
        try await eventually("the connection", context: { daemon.errors }) {
            daemon.errors.contains("notice mqtt connected with the MQTT broker")
        }
    }

    private func withPasswords(
        password: String = "another",
        in directory: TemporaryDirectory,
        _ body: (MosquittoBroker) async throws -> Void
    ) async throws {
        let file = directory("passwords")
        try await tool("/usr/bin/mosquitto_passwd", ["-c", "-b", file, "watchword", password], in: directory)
        try await MosquittoBroker.with(options: "password_file \(file)", in: directory, body)
    }

    private func run(
        _ options: String...,
        environment: [String: String?]? = nil,
        broker: MosquittoBroker,
        in directory: TemporaryDirectory,
        _ body: (ChildProcess) async throws -> Void
    ) async throws {
        let section = options.reduce(MQTTDaemon.section(broker.port)) { $0 + "  \($1)\n" }
        let stream = DaemonProcess.stream("live", DaemonProcess.picture)
        let environment = environment ?? ["MQTT_PASSWORD": canary]
        try await MQTTDaemon.with(stream + section, environment: environment, in: directory, body)
    }

    private static let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private func authority(_ name: String, in directory: TemporaryDirectory) async throws {
        let files = ["-keyout", directory("\(name).key"), "-out", directory("\(name).pem")]
        try await tool(
            "/usr/bin/openssl",
            ["req", "-x509"] + Self.curve + files + ["-days", "2", "-subj", "/CN=\(name)"],
            in: directory
        )
    }

    /// Signed by the authority "ca".
    private func certificate(_ name: String, _ subject: String, in directory: TemporaryDirectory) async throws {
        let request = ["-keyout", directory("\(name).key"), "-out", directory("\(name).csr"), "-subj", "/CN=\(name)"]
        try await tool("/usr/bin/openssl", ["req"] + Self.curve + request, in: directory)
        try directory.write("subjectAltName=\(subject)\n", to: "\(name).ext")
        try await tool(
            "/usr/bin/openssl",
            [
                "x509", "-req", "-in", directory("\(name).csr"), "-CA", directory("ca.pem"), "-CAkey",
                directory("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", directory("\(name).ext"), "-out",
                directory("\(name).pem"),
            ],
            in: directory
        )
    }
}
