import Foundation
import TestSupport
import Testing
import Text

/// What a camera that is not there does to the rest.
@Suite(.serialized) struct DeadCameraTests {
    @Test func theOthersGoOn() async throws {
        let black = try SilentServer()
        let streams =
            DaemonProcess.stream("black", "rtsp://127.0.0.1:\(black.port)/cam", "open_timeout: 1s")
            + DaemonProcess.stream("patient", "rtsp://127.0.0.1:\(black.port)/cam", "open_timeout: 600s")
            + DaemonProcess.stream("live", DaemonProcess.picture)
        try await TemporaryDirectory.with { directory in
            try await DaemonProcess.with(streams, in: directory) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"types":["event","stream","scores"],"since":0}}"#)
                // Either may come first.
                try await client.next("an event") { $0.isEvent("started", of: "live") }
                try await eventually("offline") {
                    try client.read()
                    return client.lines.contains { $0.isStream("black", "offline", because: "no answer within 1") }
                }
                for _ in 0..<5 { try await client.next("a decision") { $0.isScores(of: "live") } }
                #expect(!client.lines.contains { $0.isStream("live", "offline") || $0.isStream("black", "online") })

                // A thread that still waits for its camera holds nothing up.
                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
            }
        }
    }

    @Test func retriesAndDecisionsLeaveNothingBehind() async throws {
        let camera = try SilentServer()
        let dead = (1...8).map { DaemonProcess.stream("dead\($0)", "rtsp://127.0.0.1:\(camera.port)/cam") }
        let live = DaemonProcess.stream("live", DaemonProcess.picture, "window: 100ms")
            .replacing("    window: 400ms\n", with: "")
        try await TemporaryDirectory.with { directory in
            try await DaemonProcess.with(dead.joined() + live, in: directory) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"types":["scores"]}}"#)
                for _ in 0..<80 { try await client.next("a decision") { $0.isScores(of: "live") } }

                // What each try or decision left behind would show in every round. What the system takes for a while, and more
                // of it the busier it is, does not come in each.
                var before = try await lowest(daemon, camera)
                var rounds: [String] = []
                try await eventually("a round that leaves nothing behind", context: { "\(rounds)" }) {
                    () async throws -> Bool in
                    let decisions = client.lines.count
                    var tries = 0
                    try await eventually("tries and decisions", context: { "\(tries) tries" }) {
                        tries += camera.hangUp()
                        try client.read()
                        return tries >= 16 && client.lines.count >= decisions + 100
                    }
                    let after = try await lowest(daemon, camera)
                    defer { before = after }
                    rounds.append("\(tries) tries: \(before) to \(after)")
                    return after.memory - before.memory < 8 * 1024 && after.threads <= before.threads + 1
                        && after.descriptors <= before.descriptors + 2
                }
            }
        }
    }

    private struct Holdings {
        var memory: Int
        var threads: Int
        var descriptors: Int
    }

    /// The least that it holds at a hundred looks: what a try to connect takes for a moment does not count.
    private func lowest(_ daemon: ChildProcess, _ camera: SilentServer) async throws -> Holdings {
        var lowest = Holdings(memory: .max, threads: .max, descriptors: .max)
        for _ in 0..<100 {
            _ = camera.hangUp()
            lowest.memory = min(lowest.memory, try daemon.status("VmRSS"))
            lowest.threads = min(lowest.threads, try daemon.ownThreads.count)
            lowest.descriptors = min(lowest.descriptors, try daemon.openDescriptors)
            try await Task.sleep(for: .milliseconds(10))
        }
        return lowest
    }
}
