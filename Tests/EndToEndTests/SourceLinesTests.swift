import Foundation
import TestSupport
import Testing

/// The lines of the manual's table of sources, pasted into a configuration. Only addresses and paths are replaced, by
/// those of servers that this test starts: GStreamer, ffmpeg, Python's HTTP server, an ONVIF device.
@Suite struct SourceLinesTests {
    private static let page = Tree.documentation + "sources.md"

    @Test func everyLineWorksWhenPasted() async throws {
        let lines = try Self.lines()
        #expect(lines.count >= 16)
        try await TemporaryDirectory.with { directory in
            try await SourceServers.with(in: directory) { servers in
                var left = [Int: [String]]()
                for (index, line) in lines.enumerated() { left[index] = servers.pasted(line) }
                // On a busy machine a live link may break, which the daemon mends by itself. Here such lines are pasted again.
                var said: [String] = []
                try await eventually("links that hold", context: { "\(said)" }) {
                    try await servers.listen()
                    said = try await Self.check(left, in: directory)
                    let held = said.filter { !$0.contains(": FAILED: ") }
                    left = left.filter { index, _ in !held.contains { $0.hasPrefix("line\(index): ") } }
                    return left.isEmpty
                }
            }
        }
    }

    /// Checks lines at once. Fails if one is wrong, and not only broken or slow.
    ///
    /// - Returns: what `check` said, line by line.
    private static func check(_ lines: [Int: [String]], in directory: TemporaryDirectory) async throws -> [String] {
        var streams = ""
        for (index, line) in lines.sorted(by: { $0.key < $1.key }) {
            let keys = line.map { "    \($0)\n" }.joined()
            // A link that breaks while it is made is not mended by waiting, only by another attempt.
            let patient = ["open", "stall"].map { "    \($0)_timeout: 60s\n" }.joined()
            streams += "  - name: line\(index)\n\(keys)\(patient)    labels: [anything]\n"
        }
        let file = try DaemonProcess.configuration(streams, in: directory)
        let outcome = try await watchword(
            ["check", "--probe", "--config", file],
            environment: ["CAMERA_PASSWORD": ONVIFDevice.password],
            in: directory
        )
        #expect(!"\(outcome)".contains("c4nary"))
        // Both ends of an SRT link break it where they hear nothing for five seconds, also while it is made. Any other may only
        // be too slow.
        let failed = outcome.outputLines.filter { $0.contains(": FAILED: ") }
        let broken = failed.filter { $0.contains(/FAILED: cannot (open|read) (srt:|\S+: no answer within )/) }
        #expect(failed == broken && outcome.ending == .exit(failed.isEmpty ? 0 : 1), "\(streams)\n\(outcome)")
        return outcome.outputLines
    }

    /// The code spans of the table's second column: what is to be pasted.
    private static func lines() throws -> [[String]] {
        let text = try String(contentsOfFile: page, encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let spans = line.split(separator: "`", omittingEmptySubsequences: false)
            guard line.hasPrefix("| "), line.contains("`url: ") else { return nil }
            return spans.indices.filter { $0 % 2 == 1 }.map { String(spans[$0]) }
        }
    }
}
