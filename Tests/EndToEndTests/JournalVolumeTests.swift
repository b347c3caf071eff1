import Foundation
import Testing

/// What a quiet journal costs a card or a disk, by the kernel's own count.
struct JournalVolumeTests {
    @Test func aThousandQuietEventsWriteLittle() async throws {
        try await TemporaryDirectory.with { directory in
            let program = try Program.path(of: "feedload")
            // A record every 10 ms, so that each is committed alone. The last ones end what is open.
            let load = ["serve", directory.path, "100", "1000"]
            try await ChildProcess.with(program, load, in: directory, name: "feed") { feed in
                let ledger = FeedLedger(socket: directory.socket)
                try await ledger.connect(to: feed)
                let before = try feed.bytesWritten
                try await ledger.follow(feed, for: 1000)
                let written = try feed.bytesWritten - before
                print("1000 records, one every 10 ms: \(written) bytes written")
                #expect(written <= 4_000_000)
                feed.send(SIGTERM)
                #expect(try await feed.finish() == .exit(0))
            }
        }
    }
}

extension ChildProcess {
    /// The bytes that it has written to files, whether or not they have reached the disk.
    fileprivate var bytesWritten: Int {
        get throws {
            let text = try String(contentsOfFile: "/proc/\(processID)/io", encoding: .utf8)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("wchar:") })
            return try #require(line.split(separator: " ").last.flatMap { Int($0) })
        }
    }
}
