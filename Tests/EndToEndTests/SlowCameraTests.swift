import TestSupport
import Testing
import Text

/// A camera that sends a picture every few seconds, or even fewer.
@Suite struct SlowCameraTests {
    /// Which picture is nearest to a tick is known once the next one has come, so a single one is never sampled.
    @Test func aLiveSourceIsOnlineWithItsFirstPicture() async throws {
        let picture = "ffmpeg -v error -f lavfi -i testsrc2=size=160x120:rate=1 -frames:v 1 -c:v mjpeg -f matroska -"
        let stream = DaemonProcess.stream("slow", "\"exec:sh -c '\(picture); exec sleep 1000'\"")
        try await TemporaryDirectory.with { directory in
            try await DaemonProcess.with(stream, in: directory) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                try await client.next("its picture") { $0.isStream("slow", "online") }
                try client.send(#"{"status":{}}"#)
                let status = try await client.next("the status") { $0.type == "status" }
                let slow = try #require(status["streams"]?.array?.first)
                #expect(slow["pictures"] == 0 && slow["decisions"] == 0)
                #expect(slow["width"] == 160 && slow["connections"] == 1, "\(daemon.errors)")
            }
        }
    }
}
