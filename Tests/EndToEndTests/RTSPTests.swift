import Foundation
import TestSupport
import Testing
import Text

/// Over GStreamer's RTSP server: nobody here wrote the other side.
@Suite(.serialized) struct RTSPTests {
    /// So few pictures a second are asked for that a server on a busy machine sends them.
    private static func camera(_ url: String) -> String {
        DaemonProcess.stream("cam", url).replacing("window: 400ms", with: "window: 4s")
    }

    @Test func aCameraThatComesLateDiesAndComesBackIsWatchedWheneverItIsThere() async throws {
        try await TemporaryDirectory.with { directory in
            try await RTSPServer.with(in: directory) { server in
                let stream = Self.camera("rtsp://127.0.0.1:\(server.port)/cam")
                try await DaemonProcess.with(stream, in: directory) { daemon in
                    let client = try SocketClient(path: directory.socket)
                    try client.send(#"{"subscribe":{"types":["event","stream","scores"],"since":0}}"#)

                    let absent = try await client.next("offline") {
                        $0.isStream("cam", "offline", because: "check the address and port")
                    }
                    let reason = try #require(absent["reason"]?.string)
                    #expect(reason.contains("127.0.0.1:\(server.port)/cam"))

                    let first = try await becomesWatched(server, client)
                    server.kill()
                    let lost = try await becomesLost(client)
                    #expect(lost["id"] == first["id"])
                    let second = try await becomesWatched(server, client)
                    #expect(second["id"] != first["id"])

                    daemon.send(SIGTERM)
                    expectShortWaits(daemon)
                    let last = try await client.next("the end of the event") { $0.isEvent("ended", of: "cam") }
                    #expect(last["id"] == second["id"])
                    #expect(last["end_reason"]?.string == "shutdown")
                    try await client.readToEnd()
                    #expect(try await daemon.finish() == .exit(0))
                    #expect(!FileManager.default.fileExists(atPath: directory.socket))
                    expectNoGap(client.lines)
                }
            }
        }
    }

    @Test func aCameraThatHangsIsNoticedInTimeAndComesBack() async throws {
        try await TemporaryDirectory.with { directory in
            try await RTSPServer.with(in: directory) { server in
                try await server.start()
                let url = "rtsp://127.0.0.1:\(server.port)/cam"
                let stream = Self.camera(url).replacing(/stall_timeout: .*/, with: "stall_timeout: 4s")
                try await DaemonProcess.with(stream, in: directory) { daemon in
                    let client = try SocketClient(path: directory.socket)
                    try client.send(#"{"subscribe":{"types":["stream","scores"],"since":0}}"#)
                    try await client.next("online") { $0.isStream("cam", "online") }
                    try await client.next("a decision") { $0.isScores(of: "cam") }

                    server.freeze()
                    let trouble = try await client.next("degraded") { $0.isStream("cam", "degraded") }
                    let isSilence = trouble["reason"]?.string?.contains("no answer within 4.0 s") == true
                    #expect(isSilence, "\(trouble)\n\(daemon.errors)")

                    server.thaw()
                    try await client.next("online again") { $0.isStream("cam", "online") }
                    try await client.next("a decision") { $0.isScores(of: "cam") }
                }
            }
        }
    }

    /// Something else listens at the camera's address and answers whatever comes with noise.
    @Test func aCameraWhosePlaceGarbageTakesIsLostAndComesBack() async throws {
        let noise = """
            import os, socket, sys
            server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
            print("READY", flush=True)
            while True:
                client, _ = server.accept()
                try:
                    while client.recv(4096):
                        client.sendall(os.urandom(20000))
                except OSError:
                    pass
                client.close()
            """
        try await TemporaryDirectory.with { directory in
            try await RTSPServer.with(in: directory) { server in
                let url = "rtsp://127.0.0.1:\(server.port)/cam"
                let stream = Self.camera(url)
                try await DaemonProcess.with(stream, in: directory) { daemon in
                    let client = try SocketClient(path: directory.socket)
                    try client.send(#"{"subscribe":{"types":["event","stream","scores"],"since":0}}"#)
                    _ = try await becomesWatched(server, client)
                    server.kill()
                    let arguments = ["-c", noise, "\(server.port)"]
                    try await ChildProcess.with("/usr/bin/python3", arguments, in: directory, name: "noise") { noise in
                        try await eventually("the noise", context: { noise.errors }) { noise.output.contains("READY") }
                        _ = try await becomesLost(client)
                        noise.kill()
                        _ = try await noise.finish()
                    }
                    _ = try await becomesWatched(server, client)
                    expectShortWaits(daemon)
                }
            }
        }
    }

    /// Starts the server and returns the event that starts then.
    private func becomesWatched(_ server: RTSPServer, _ client: SocketClient) async throws -> JSONValue {
        try await server.start()
        // They come from two threads, in either order.
        var (isOnline, started) = (false, JSONValue?.none)
        try await client.next("online and an event") { line in
            if line.isStream("cam", "online") { isOnline = true }
            if line.isEvent("started", of: "cam") { started = line }
            return isOnline && started != nil
        }
        for _ in 0..<5 { try await client.next("a decision") { $0.isScores(of: "cam") } }
        return try #require(started)
    }

    /// However long the camera was away, it was tried again soon: each wait that the daemon announced was short.
    private func expectShortWaits(_ daemon: ChildProcess) {
        let waits = daemon.errors.matches(of: /retry_ms=(\d+)/).compactMap { Int($0.1) }
        #expect(!waits.isEmpty && waits.allSatisfy { $0 <= 3000 }, "\(waits)")
    }

    /// Returns how the open event ends once the camera is gone for good.
    private func becomesLost(_ client: SocketClient) async throws -> JSONValue {
        try await client.next("degraded") { $0.isStream("cam", "degraded") }
        var ended: JSONValue?
        var isOffline = false
        try await client.next("offline and the end of the event") { line in
            if line.isStream("cam", "offline") { isOffline = true }
            if line.isEvent("ended", of: "cam") { ended = line }
            return isOffline && ended != nil
        }
        let end = try #require(ended)
        #expect(end["end_reason"]?.string == "source_lost")
        return end
    }
}
