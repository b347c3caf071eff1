import Events
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import EventFeed
@testable import System
@testable import Text

@Suite(.serialized, .ownThread) struct JournalRetentionTests {
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

    @Test func aClockThatIsAheadAtTheStartErasesNothing() throws {
        let clock = Clock()
        var settings = directory.journal
        settings.keep = .seconds(30 * 86_400)
        settings.clock = { clock.now }
        let first = try RunningJournal(settings)
        for _ in 0..<15 { first.publish(.sample(.ended)) }
        first.stop()

        clock.advance(by: 60 * 86_400)
        settings.isClockSynchronised = { false }
        let second = try RunningJournal(settings)
        second.publish(.sample(.ended))
        let looks = clock.looks
        try blockUntil("looks for what is too old") { clock.looks >= looks + 4 }
        second.stop()
        #expect(try directory.seqs() == Array(1...16))
    }

    /// A daemon that starts after a long time finds old records and no others.
    @Test(arguments: [1, 2, 15, 16]) func allRecordsMayBeTooOld(count: Int) throws {
        let clock = Clock()
        var settings = directory.journal
        settings.clock = { clock.now }
        let journal = try RunningJournal(settings)
        for _ in 0..<count { journal.publish(.sample(.ended)) }
        journal.hub.flush()
        let database = try #require(journal.journal.openDatabase)
        let now = clock.now
        #expect(try database.count(before: UTCTime(microseconds: now.microseconds + 1)) == UInt64(count))
        #expect(try database.count(before: now) == 0)
        journal.stop()
    }

    @Test func aLargeRemovalWaitsAndIsLoggedWithItsNumber() throws {
        let clock = Clock()
        let told = Mutex<[String]>([])
        var settings = directory.journal
        settings.keep = .seconds(30 * 86_400)
        settings.clock = { clock.now }
        settings.tell = { line in told.withLock { $0.append(line) } }
        let first = try RunningJournal(settings)
        for _ in 0..<15 { first.publish(.sample(.ended)) }
        first.stop()

        clock.advance(by: 60 * 86_400)
        settings.doubt = patience
        let second = try RunningJournal(settings)
        second.publish(.sample(.ended))
        try blockUntil("told") { !told.withLock(\.isEmpty) }
        second.stop()
        #expect(try directory.seqs() == Array(1...16))
        let lines = told.withLock(\.self)
        let line = try #require(lines.first)
        #expect(line.hasPrefix("15 records are older than events.keep if the clock is right, which reads 2027-03-"))
        #expect(lines.count == 1)

        settings.doubt = .milliseconds(20)
        let third = try RunningJournal(settings)
        try blockUntil("dropped") { third.journal.seqFirst == 16 }
        try blockUntil("told") { told.withLock { $0.last } == "15 records older than events.keep were dropped" }
        third.stop()
    }

    /// The last record of an event that stays open outlives its removal, for the daemon that must end it.
    @Test func anOpenEventOutlivesItsRecords() throws {
        var settings = directory.journal
        settings.keepBytes = 1_000_000
        let journal = try RunningJournal(settings)
        journal.publish(.sample(id: "open"), .sample(id: "over"))
        let text = String(repeating: "long ", count: 100)
        for _ in 0..<3000 { journal.hub.publish(.sample(.ended, id: "other", text: text)) }
        try blockUntil("dropped") { journal.journal.seqFirst.map { $0 > 2 } == true }
        journal.publish(.sample(.ended, id: "over"))
        let killed = try RunningJournal(try directory.copyAsKilled("copy"))
        #expect(killed.journal.recovered.map(\.id) == ["open"])
        killed.stop()
        journal.stop()
    }

    // MARK: - What is written

    /// As on a camera that sees little: each record is committed alone, and subscribers have it at once.
    @Test func aQuietJournalWritesLittle() throws {
        let events: [FeedRecord] = (1...1000).flatMap { number -> [FeedRecord] in
            let id = "0193f5a0-7c11-7e2a-9d8e-\(number)"
            let text = "a person puts down a parcel"
            return [.sample(id: id, text: text), .sample(.ended, id: id, text: text)]
        }
        for (name, records, most) in [("halves", Array(events.prefix(1000)), 4_000_000), ("whole", events, 8_000_000)] {
            var settings = directory.journal
            settings.path = directory.path + "/\(name).sqlite"
            let journal = try RunningJournal(settings)
            let written = Written(settings)
            for record in records {
                journal.publish(record)
                written.look()
            }
            journal.stop()
            let bytes = written.bytes + Int64(size(settings.path))
            print("\(records.count) records, one at a time: \(bytes) bytes to the journal and its log")
            #expect(bytes < most)
        }
    }

    /// `keep_size` counts the log, which a record at a time makes far longer than the records. It is what was written that
    /// calls for a removal: how much that is in a minute depends on the machine.
    @Test func theLogIsCounted() throws {
        var settings = directory.journal
        settings.keepBytes = 1_000_000
        settings.retentionInterval = .seconds(3600)
        let journal = try RunningJournal(settings)
        var longest = 0
        for _ in 0..<4000 {
            journal.publish(.sample())
            longest = max(longest, size(settings.path) + size(settings.path + "-wal"))
        }
        journal.stop()
        // A step of removal may be under way.
        #expect(longest < 1_300_000, "\(longest)")
        #expect(try directory.seqs().last == 4000)
    }

    /// However many records wait, one transaction adds little to the journal: by their number and by their bytes.
    @Test func aTransactionIsSmall() throws {
        let hub = EventHub(version: "1", streams: ["door"])
        for _ in 0..<10 { hub.publish(.sample()) }
        let all = hub.unsaved(from: 1, limit: 100, bytes: .max).lines
        #expect(all.compactMap(\.seq) == Array(1...10))
        let three = all.prefix(3).reduce(0) { $0 + $1.bytes.count }
        #expect(hub.unsaved(from: 1, limit: 100, bytes: three).lines.compactMap(\.seq) == [1, 2, 3])
        #expect(hub.unsaved(from: 1, limit: 100, bytes: three - 1).lines.compactMap(\.seq) == [1, 2])
        #expect(hub.unsaved(from: 4, limit: 2, bytes: .max).lines.compactMap(\.seq) == [4, 5])
        #expect(hub.unsaved(from: 7, limit: 100, bytes: 1).lines.compactMap(\.seq) == [7])
    }

    private func size(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }

    /// The bytes that went to a journal: the growth of its log, by the log's own size, and what the file has of it in
    /// the end.
    private final class Written {
        private let log: String
        private var last: Int64 = 0
        private(set) var bytes: Int64 = 0

        init(_ settings: JournalSettings) {
            log = settings.path + "-wal"
            look()
            bytes = 0
        }

        func look() {
            var status = stat()
            let size = stat(log, &status) == 0 ? Int64(status.st_size) : 0
            // A log that was moved begins anew.
            bytes += size >= last ? size - last : size
            last = size
        }
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
