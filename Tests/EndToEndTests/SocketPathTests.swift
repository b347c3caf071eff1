import Foundation
import TestSupport
import Testing

/// What may stand at the socket's path when the daemon starts.
@Suite(.serialized) struct SocketPathTests {
    private let stream = DaemonProcess.stream("live", DaemonProcess.picture)

    @Test func aLiveDaemonsSocketIsLeftToIt() async throws {
        try await TemporaryDirectory.with { directory in
            try await DaemonProcess.with(stream, in: directory) { daemon in
                let second = try await watchword(["run", "--config", directory("watchword.yaml")], in: directory)
                #expect(second.ending == .exit(1))
                #expect(second.errorLines.count == 1, "\(second)")
                #expect(second.errors.contains(directory.socket))
                #expect(second.errors.contains("stop the process that serves it, or configure another path"))
                let client = try SocketClient(path: directory.socket)
                try await client.next("the greeting of the first daemon") { $0.type == "hello" }
                #expect(!daemon.hasEnded)
            }
        }
    }

    @Test func theSocketOfADaemonThatWasKilledIsTakenOver() async throws {
        try await TemporaryDirectory.with { directory in
            try await DaemonProcess.with(stream, in: directory) { $0.kill() }
            #expect(FileManager.default.fileExists(atPath: directory.socket))
            #expect(!SocketClient.isServed(directory.socket))
            try await DaemonProcess.with(stream, in: directory) { _ in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                try await client.next("an event") { $0.isEvent("started", of: "live") }
            }
        }
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write("precious", to: "events.sock")
            let file = try DaemonProcess.configuration(stream, in: directory)
            let outcome = try await watchword(["run", "--config", file], in: directory)
            #expect(outcome.ending == .exit(1))
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("\(directory.socket) exists and is not a socket: move it away"))
            #expect(try String(contentsOfFile: directory.socket, encoding: .utf8) == "precious")
        }
    }

    @Test func aMissingDirectoryIsNamed() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try DaemonProcess.configuration(stream, in: directory)
            let outcome = try await watchword(
                ["run", "--config", file],
                environment: ["WATCHWORD_EVENTS_SOCKET": directory("none/events.sock")],
                in: directory
            )
            #expect(outcome.ending == .exit(1))
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("\(directory("none")) of the socket"))
        }
    }

    /// The page and the API go on, the readiness says so, and the socket is served again once its directory is back.
    @Test func aDirectoryThatIsTakenAwayStopsNothing() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebDaemon.with(stream, in: directory) { web in
                #expect(try await web.get("/readyz").status == 200)
                // The files of the daemon's output go along.
                let aside = directory.path + "-aside"
                defer { try? FileManager.default.removeItem(atPath: aside) }
                try FileManager.default.moveItem(atPath: directory.path, toPath: aside)
                let answer = try await web.get("/readyz")
                #expect(answer.status == 503)
                #expect(answer.body.contains("the event socket \(directory.socket) is not reachable"), "\(answer.body)")
                #expect(try await web.get("/healthz").status == 200)
                try await eventually("an event by the API") {
                    try await web.get("/api/v1/events?limit=1").body.contains("\"stream\":\"live\"")
                }
                let output = URL(filePath: aside).appending(path: "daemon.stderr")
                try await eventually("the warning") {
                    try String(contentsOf: output, encoding: .utf8).contains("cannot reach the event socket")
                }
                try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
                try await eventually("the socket") { SocketClient.isServed(directory.socket) }
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                try await client.next("an event") { $0.isEvent("started", of: "live") }
                #expect(try await web.get("/readyz").status == 200)
                try await eventually("the news of it") {
                    try String(contentsOf: output, encoding: .utf8).contains(
                        "\(directory.socket) was gone and is served again"
                    )
                }
            }
        }
    }
}
