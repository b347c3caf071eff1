import Synchronization
import Testing

@testable import Capture

@Suite struct RedactionTests {
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
