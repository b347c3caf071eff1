import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import EventFeed
@testable import System
@testable import Text

@Suite(.serialized) struct JournalRetentionTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A clock that tests set.
    final class Clock: Sendable {
        private let microseconds = Mutex<Int64>(1_800_000_000_000_000)
        private let count = Atomic(0)
        var now: UTCTime {
            count.add(1, ordering: .acquiringAndReleasing)
            return UTCTime(microseconds: microseconds.withLock(\.self))
        }
        /// How often it was asked.
        var looks: Int { count.load(ordering: .acquiring) }
        func advance(by seconds: Int64) { microseconds.withLock { $0 += seconds * 1_000_000 } }
    }

    @Test func whatIsTooOldGoesAndIsAnnounced() throws {
        let clock = Clock()
        var settings = directory.journal
        settings.keep = .seconds(3600)
        settings.clock = { clock.now }
        let journal = try RunningJournal(settings, capacity: 100)
        for _ in 0..<1200 { journal.hub.publish(.sample()) }
        journal.hub.flush()
        clock.advance(by: 3000)
        for _ in 0..<300 { journal.hub.publish(.sample()) }
        journal.hub.flush()
        clock.advance(by: 1000)
        try blockUntil("dropped") { journal.journal.seqFirst == 1201 }

        let server = try FeedServer(path: directory.socket, hub: journal.hub)
        try server.start()
        defer { server.stop() }
        var subscriber = try Subscriber(path: directory.socket)
        #expect(subscriber.hello["seq_first"]?.integer == 1201)
        let received = try subscriber.readAll(since: 10, through: 1500)
        #expect(received == Received(seqs: Array(1201...1500), gaps: [11...1200]))
        // All of it: memory still has some, and the newest stays in the file to say what was given.
        clock.advance(by: 1_000_000)
        try blockUntil("dropped") { journal.journal.seqFirst == 1500 }
        journal.stop()
        #expect(try RunningJournal(settings).journal.seqBase == 1500)
    }

    @Test func whatIsTooMuchGoes() throws {
        var settings = directory.journal
        settings.keepBytes = 2_000_000
        let journal = try RunningJournal(settings)
        let text = String(repeating: "long ", count: 100)
        for round in 0..<40 {
            for _ in 0..<500 { journal.hub.publish(.sample(text: text)) }
            try blockUntil("saved") { journal.hub.head.seqLast == UInt64(500 * (round + 1)) }
        }
        let bytes = 20_000 * text.utf8.count
        try blockUntil("dropped") { journal.journal.seqFirst.map { $0 > 15_000 } == true }
        journal.stop()
        let size = try #require(FileManager.default.attributesOfItem(atPath: settings.path)[.size] as? Int)
        #expect(bytes > 9_000_000 && size < 5_000_000, "\(size)")
        #expect(try directory.seqs().last == 20_000)
    }

    @Test func aLoweredLimitGivesRoomBack() throws {
        let first = try RunningJournal(directory.journal)
        for _ in 0..<20_000 { first.hub.publish(.sample(text: String(repeating: "x", count: 400))) }
        try blockUntil("saved") { first.hub.head.seqLast == 20_000 }
        first.stop()
        var settings = directory.journal
        settings.keepBytes = 1_000_000
        let second = try RunningJournal(settings)
        try blockUntil("given back") {
            let size = try FileManager.default.attributesOfItem(atPath: settings.path)[.size] as? Int
            _ = try? second.journal.openDatabase?.checkpoint()
            return size.map { $0 < 8_000_000 } == true
        }
        second.stop()
    }

    @Test func aClockThatWasWrongTearsNoHole() throws {
        let clock = Clock()
        var settings = directory.journal
        settings.clock = { clock.now }
        let journal = try RunningJournal(settings)
        journal.publish(.sample())
        clock.advance(by: -1_000_000_000)
        journal.publish(.sample())
        clock.advance(by: 1_000_000_000)
        journal.publish(.sample())
        // With nothing to save, the journal asks for the time to find what is too old.
        let looks = clock.looks
        try blockUntil("looks for what is too old") { clock.looks >= looks + 4 }
        journal.stop()
        #expect(try directory.seqs() == [1, 2, 3])
    }
}
