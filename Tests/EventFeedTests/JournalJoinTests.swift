import Foundation
import Synchronization
import TestSupport
import Testing
import Text

@testable import EventFeed
@testable import System

/// Replay from the journal, replay from memory and live delivery are one walk: whatever happens meanwhile, a subscriber
/// has each number exactly once, as a record or in a gap.
@Suite(.serialized, .ownThread) struct JournalJoinTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Memory holds a hundredth of what is replayed.
    @Test func theWholeJournalIsReplayedInPages() throws {
        let journal = try RunningJournal(directory.journal, capacity: 100)
        for count in 0..<10_000 {
            journal.hub.publish(.sample())
            if count % 1000 == 0 { journal.hub.flush() }
        }
        try blockUntil("saved") { journal.hub.head.seqLast == 10_000 }
        let server = try FeedServer(path: directory.socket, hub: journal.hub)
        try server.start()
        defer { server.stop() }
        for since in [0, 1, 511, 512, 513, 9_899, 9_900, 9_999] as [Int64] {
            var subscriber = try Subscriber(path: directory.socket)
            let received = try subscriber.readAll(since: since, through: 10_000)
            #expect(received == Received(seqs: Array(since + 1...10_000)))
        }
        // A filter sees the same walk.
        journal.publish(.sample(label: "other"))
        var filtered = try Subscriber(path: directory.socket)
        _ = try filtered.subscribe(#"{"since":0,"labels":["oth*"]}"#)
        #expect(try filtered.next().seq == 10_001)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func anyInterleavingShowsEachNumberOnce(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var settings = directory.journal
        settings.keepBytes = 1_500_000
        let journal = try RunningJournal(settings, capacity: 100 + Int(random.next() % 900))
        // More than there is to read: no reader is too slow.
        var limits = FeedLimits()
        limits.maxBufferedBytes = 64 << 20
        let server = try FeedServer(path: directory.socket, hub: journal.hub, limits: limits)
        try server.start()
        defer { server.stop() }
        let total = 12_000 as Int64
        let seeds = (0..<4).map { _ in random.next() }
        let pauses = (0..<100).map { _ in UInt32(random.next() % 4000) }
        let publisher = try NamedThread.start("publisher") { [hub = journal.hub] in
            for count in 0..<total {
                hub.publish(.sample(text: String(repeating: "x", count: Int(count) % 400)))
                if count % 1000 == 0 { hub.flush() }
                if count % 120 == 0 { usleep(pauses[Int(count / 120) % 100]) }
            }
        }.get()
        let problems = Mutex<[String]>([])
        let readers = try seeds.map { seed in
            try NamedThread.start("reader") { [path = directory.socket] in
                do {
                    var random = SplitMix64(seed: seed)
                    var position = 0 as Int64
                    while position < total {
                        var subscriber = try Subscriber(path: path)
                        let head = subscriber.hello["seq_last"]?.integer ?? 0
                        // Now and then from further back than where it was.
                        let since = min(head, random.next() % 3 == 0 ? position / 2 : position)
                        let through = min(total, max(since, head) + 1 + Int64(random.next() % 1500))
                        _ = try subscriber.readAll(since: since, through: through)
                        position = max(position, through)
                    }
                } catch {
                    problems.withLock { $0.append("\(error)") }
                }
            }.get()
        }
        publisher.join()
        for reader in readers { reader.join() }
        #expect(problems.withLock(\.self) == [])
        #expect(journal.states == [])
        #expect(server.statistics.cutOff == 0)
    }
}
