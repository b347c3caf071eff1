import Synchronization
import Testing

@testable import Capture

@Suite struct RedactionTests {
    @Test(arguments: [
        "rtsp://user:canary@cam.local:554/stream",
        "rtsp://user:ca%21n@canary!%@cam.local/stream",
        "rtsp://user:canary/canary@cam.local/stream",
        "rtsp://user:12/canary@cam.local/stream",
        "rtsp://user:p@a/canary@cam.local/stream",
        "rtsp://user:ca canary@cam.local/stream",
        "rtsp://user:canary?canary#@cam.local/stream",
        "rtsp://canary@cam.local/stream",
        "cannot open 'rtsp://user:canary@cam.local/stream': refused",
        "http://cam.local/snap?user=me&password=canary&channel=1",
        "http://cam.local/snap?access_token=canary",
        "http://cam.local/snap?PWD=canary%20canary",
        "rtsp://cam.local/user=admin_password=canary_channel=1",
        "Authorization: Basic canary canary",
        "first rtsp://a:canary@cam.local/1 then rtsp://b:canary@cam.local/2",
    ])
    func secretsAreRemoved(text: String) {
        let redacted = SourceURL.redacted(text)
        #expect(!redacted.contains("canary"))
        #expect(redacted.contains("***"))
        if text.contains("cam.local") { #expect(redacted.contains("cam.local")) }
    }

    @Test(arguments: [
        "rtsp://cam.local:554/stream", "rtsp://[fe80::1]:554/stream", "/videos/a@b.mp4", "lavfi:testsrc2=size=64x48",
        "[h264] error while decoding MB 3 4", "http://cam.local/image@2x.png", "a: b@c", "http://cam.local:80: refused",
        "",
    ])
    func otherTextIsUnchanged(text: String) {
        #expect(SourceURL.redacted(text) == text)
    }

    @Test func linesOfLibavContainNoSecret() throws {
        let sink = LineSink()
        LibAVLog.forward(upTo: .debug) { _, line in sink.append(line) }
        defer { LibAVLog.mute() }
        let port = try Listener().port
        _ = try failure(of: "http://user:canary%21@127.0.0.1:\(port)/cam?token=canary")
        _ = try failure(of: "rtsp://user:canary@127.0.0.1:\(port)/cam")
        let text = sink.all.joined(separator: "\n")
        #expect(text.contains("127.0.0.1"))
        #expect(!text.contains("canary"))
        #expect(!text.contains("@ 0x"))
    }

    @Test func repeatedLinesPassOnceASecondWithTheirCount() {
        var filter = RepeatFilter()
        let line = RepeatFilter.Line(level: .error, text: "broken")
        let other = RepeatFilter.Line(level: .error, text: "other")
        #expect(filter.admit(line, now: 0) == [line])
        for step in 1...9 { #expect(filter.admit(line, now: Double(step) / 10).isEmpty) }
        #expect(filter.admit(line, now: 1.1).map(\.text) == ["broken (9 more)", "broken"])
        #expect(filter.admit(line, now: 1.2).isEmpty)
        #expect(filter.admit(other, now: 3).map(\.text) == ["broken (1 more)", "other"])
    }
}

final class LineSink: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}
