import Synchronization
import TestSupport
import Testing

@testable import Capture

/// One after the other: there is one sink for the whole process.
@Suite(.serialized, .ownThread) struct RedactionTests {
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

    /// At the level that the daemon and its capture processes forward. What runs beside this test may take the sink away.
    @Test func aCommandsStandardErrorIsForwarded() throws {
        let sink = LineSink()
        defer { LibAVLog.mute() }
        try blockUntil("the command's line") {
            LibAVLog.forward(upTo: .warning) { level, line in if level == .debug { sink.append(line) } }
            _ = try failure(of: "exec:sh -c 'echo no camera at rtsp://user:canary@door >&2'")
            return sink.all.contains { $0.contains("no camera at rtsp://") }
        }
        #expect(!sink.all.contains { $0.contains("canary") })
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
