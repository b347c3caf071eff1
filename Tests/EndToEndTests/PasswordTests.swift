import Foundation
import System
import TestSupport
import Testing
import Text

/// A camera that wants a password, by RTSP's digest.
@Suite(.serialized) struct PasswordTests {
    /// In the plain password and in its percent-encoded spelling alike.
    private let canary = "c4nary"
    private let password = "%41c4nary!@:/#?"

    @Test func aRefusedPasswordIsSaidWithoutSayingIt() async throws {
        try await withCamera(password: "another") { server, directory in
            let environment = ["CAMERA_PASSWORD": password]
            try await DaemonProcess.with(stream(server), level: "trace", environment: environment, in: directory) {
                daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                let refused = try await client.next("offline") {
                    $0.isStream("cam", "offline", because: "check the user name and password")
                }
                let reason = try #require(refused["reason"]?.string)
                #expect(reason.contains("127.0.0.1:\(server.port)/cam"))
                #expect(reason.contains("401"))
                try await eventually("a second try") { daemon.errors.components(separatedBy: "retry_ms").count > 2 }
                try await expectNoCanary(daemon, client, environment: environment, in: directory)
            }
        }
    }

    @Test func aPasswordOfSpecialCharactersOpensTheCamera() async throws {
        try await withCamera(password: password) { server, directory in
            let environment = ["CREDENTIALS_DIRECTORY": directory.path]
            try directory.write(password + "\n", to: "CAMERA_PASSWORD")
            try await DaemonProcess.with(stream(server), level: "trace", environment: environment, in: directory) {
                daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                try await client.next("online") { $0.isStream("cam", "online") }
                try await client.any("an event") { $0.isEvent("started", of: "cam") }
                try await expectNoCanary(daemon, client, environment: environment, in: directory)
            }
        }
    }

    private func withCamera(
        password: String,
        _ body: (RTSPServer, TemporaryDirectory) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let options = ["--user", "viewer", "--password", password, "--auth", "digest"]
            try await RTSPServer.with(options: options, in: directory) { server in
                try await server.start()
                try await body(server, directory)
            }
        }
    }

    private func stream(_ server: RTSPServer) -> String {
        DaemonProcess.stream("cam", "rtsp://viewer:${CAMERA_PASSWORD}@127.0.0.1:\(server.port)/cam")
    }

    /// Looks wherever the daemon speaks: its log, its socket, the process list, its report on the configuration.
    private func expectNoCanary(
        _ daemon: ChildProcess,
        _ client: SocketClient,
        environment: [String: String],
        in directory: TemporaryDirectory
    ) async throws {
        #expect(!daemon.errors.isEmpty)
        #expect(!daemon.errors.contains(canary))
        #expect(!daemon.output.contains(canary))
        #expect(!client.text.contains(canary))
        let bytes = try RegularFile.contents(of: "/proc/\(daemon.processID)/cmdline", limit: 1 << 24)
        let commandLine = String(decoding: bytes, as: UTF8.self)
        #expect(!commandLine.contains(canary))
        let check = try await watchword(
            ["check", "--config", directory("watchword.yaml")],
            environment: environment,
            in: directory
        )
        #expect(check.ending == .exit(0), "\(check)")
        #expect(!check.description.contains(canary))
    }
}
