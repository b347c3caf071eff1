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
        // On a busy machine a live link may break, which the daemon mends by itself. Then servers and clients begin anew.
        var outcome = ""
        try await eventually("links that hold", context: { outcome }) {
            try await TemporaryDirectory.with { directory in
                let (held, text) = try await Self.check(lines, in: directory)
                outcome = text
                return held
            }
        }
    }

    /// - Returns: whether the links held, and what `check` said.
    private static func check(
        _ lines: [[String]],
        in directory: TemporaryDirectory
    ) async throws -> (held: Bool, text: String) {
        var (held, text) = (true, "")
        try await SourceServers.with(in: directory) { servers in
            var streams = ""
            for (index, line) in lines.enumerated() {
                guard let pasted = servers.pasted(line) else { continue }
                let keys = pasted.map { "    \($0)\n" }.joined()
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
            // A link of SRT may break while its first pictures are looked at, too. Any other may only be too slow.
            held = !"\(outcome)".contains(/FAILED: cannot (open|read) (srt:|\S+: no answer within )/)
            #expect(!held || outcome.ending == .exit(0), "\(streams)\n\(outcome)")
            text = "\(outcome)"
        }
        return (held, text)
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
