import Events
import Foundation
import GRDB
import TestSupport
import Testing
import Text

@testable import EventFeed
@testable import System

@Suite(.serialized, .ownThread) struct JournalFaultTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func expect(_ code: JournalError.Code, _ words: String) throws {
        let error = try #require(throws: JournalError.self) { _ = try Journal(directory.journal) }
        #expect(error.code == code)
        #expect(error.message.contains(words) && error.message.contains(directory.journal.path), "\(error)")
        #expect(!error.message.contains("\n"))
    }

    // MARK: - What stands at the path

    @Test func aMissingDirectoryIsNamed() throws {
        var settings = directory.journal
        settings.path = directory.path + "/none/events.sqlite"
        let error = try #require(throws: JournalError.self) { _ = try Journal(settings) }
        #expect(error.code == .noDirectory)
        #expect(error.message.contains("\(directory.path)/none of the journal"))
    }

    @Test func aFileOfSomeoneElseIsLeftAlone() throws {
        try Data("precious, and longer than a header".utf8).write(to: URL(filePath: directory.journal.path))
        try expect(.foreign, "is no journal of watchword")
        #expect(FileManager.default.contents(atPath: directory.journal.path)?.count == 34)
    }

    @Test func aDatabaseOfSomeoneElseIsLeftAlone() throws {
        try DatabaseQueue(path: directory.journal.path).write { try $0.execute(sql: "CREATE TABLE theirs (id)") }
        try expect(.foreign, "is no journal of watchword")
    }

    @Test func aLaterVersionsJournalIsLeftAlone() throws {
        try RunningJournal(directory.journal).stop()
        try DatabaseQueue(path: directory.journal.path).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')")
        }
        try expect(.newer, "a later version")
    }

    @Test func aDamagedJournalIsMovedAsideAndItsNumbersAreNotGivenAgain() throws {
        let first = try RunningJournal(directory.journal)
        first.publish(.sample(), .sample())
        first.stop()
        try Data(repeating: 7, count: 40_000).write(to: URL(filePath: directory.journal.path))

        let second = try RunningJournal(directory.journal)
        #expect(second.journal.feedID == first.journal.feedID)
        let notice = try #require(second.journal.notices.first)
        #expect(notice.contains("is damaged") && notice.contains("\(directory.journal.path).corrupt-"))
        second.publish(.sample())
        #expect(second.hub.head.seqLast == 1001)
        second.stop()
        #expect(try directory.seqs() == [1001])
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(names.contains { $0.hasPrefix("events.sqlite.corrupt-") })
    }

    @Test func aPipeIsLeftAlone() throws {
        try #require(mkfifo(directory.journal.path, 0o600) == 0)
        try expect(.foreign, "is no journal of watchword")
    }

    // MARK: - Trouble on the way

    @Test func aFullDiskLetsEventsFlowAndMendsItself() throws {
        let journal = try RunningJournal(directory.journal)
        let server = try FeedServer(path: directory.socket, hub: journal.hub)
        try server.start()
        defer { server.stop() }
        var live = try Subscriber(path: directory.socket)
        journal.publish(.sample())
        #expect(try live.next().seq == 1)

        try journal.limitPages(2)
        // The journal publishes its state only after the records that it no longer saves.
        var isTold = false
        for seq in 2...200 as ClosedRange<Int64> {
            journal.hub.publish(.sample(text: String(repeating: "x", count: 500)))
            var line = try live.next()
            if line.type == "journal" {
                expectFull(line)
                isTold = true
                line = try live.next()
            }
            #expect(line.seq == seq)
        }
        if !isTold { expectFull(try live.next()) }
        #expect(journal.journal.status.state == .degraded)
        #expect(try Subscriber(path: directory.socket).hello["journal"]?.string == "degraded")

        try journal.limitPages(nil)
        let healed = try live.next()
        #expect(healed.type == "journal" && healed["state"]?.string == "ok")
        journal.publish(.sample())
        #expect(try live.next().seq == 201)
        #expect(journal.states == [.degraded, .ok])
        journal.stop()
        #expect(try directory.seqs() == Array(1...201))
    }

    private func expectFull(_ line: JSONValue) {
        #expect(line.type == "journal" && line["state"]?.string == "degraded")
        #expect(line["reason"]?.string?.contains("full") == true)
    }

    @Test func whatMemoryNoLongerHasWhenTheDiskIsBackIsAGap() throws {
        let journal = try RunningJournal(directory.journal, capacity: 100)
        journal.publish(.sample(id: "lost"))
        try journal.limitPages(0)
        let text = String(repeating: "x", count: 5000)
        for _ in 0..<100 { journal.publish(.sample(id: "gone", text: text)) }
        for _ in 0..<400 { journal.publish(.sample(.ended, id: "lost", text: text)) }
        let before = journal.hub.head.seqLast
        #expect(before == 501)
        // A kill now: all that was given is behind the next start, and none of it is given again.
        let killed = try RunningJournal(try directory.copyAsKilled("copy"))
        #expect(killed.journal.seqBase >= 1000)
        killed.stop()

        try journal.limitPages(nil)
        try blockUntil("healed") { journal.journal.status.state == .ok }
        journal.stop()
        let seqs = try directory.seqs()
        #expect(seqs.contains(1) && !seqs.contains(300) && seqs.contains(501))

        let next = try RunningJournal(directory.journal)
        // It ended, though that record is lost.
        #expect(!next.journal.recovered.map(\.id).contains("lost"))
        let server = try FeedServer(path: directory.socket, hub: next.hub)
        try server.start()
        defer { server.stop() }
        var subscriber = try Subscriber(path: directory.socket)
        let received = try subscriber.readAll(since: 0, through: 501)
        #expect(received.seqs == seqs.filter { $0 <= 501 })
        #expect(received.gaps.count == 1)
    }

    @Test func aDiskThatHangsHoldsNobodyUp() throws {
        var settings = directory.journal
        settings.patience = .milliseconds(100)
        settings.busyTimeout = patience
        let journal = try RunningJournal(settings)
        journal.publish(.sample())
        try blockUntil("the first record") { try directory.seqs() == [1] }
        // Another's lock, until it is rolled back: the write waits in SQLite and reports nothing.
        let other = try DatabaseQueue(path: settings.path)
        try other.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            journal.hub.publish(.sample())
            try blockUntil("let go unsaved") { journal.hub.head.seqLast == 2 }
            #expect(journal.journal.status.state == .degraded)
            #expect(journal.journal.status.reason?.contains("within") == true)
            try blockUntil("the mark") { SequenceMark.peek(path: settings.markPath)?.state == .unsaved }
            try db.execute(sql: "ROLLBACK")
        }
        try blockUntil("ok again") { journal.journal.status.state == .ok }
        #expect(SequenceMark.peek(path: settings.markPath)?.state == .open)
        try other.close()
        journal.stop()
        #expect(try directory.seqs() == [1, 2])
    }

    @Test func aDatabaseDamagedWhileInUseIsReplaced() throws {
        let journal = try RunningJournal(directory.journal)
        journal.publish(.sample(), .sample())
        let database = try #require(journal.journal.openDatabase)
        try database.truncateLog()
        let file = try FileHandle(forWritingTo: URL(filePath: directory.journal.path))
        try file.seek(toOffset: 0)
        try file.write(contentsOf: Data(repeating: 7, count: 60_000))
        try file.close()
        try database.writer.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA shrink_memory") }
        for _ in 0..<200 { journal.publish(.sample(text: String(repeating: "x", count: 900))) }
        try blockUntil("ok again") { journal.states.suffix(2) == [.degraded, .ok] }
        #expect(journal.hub.head.seqLast == 202)
        journal.stop()
        #expect(try directory.seqs() == Array(1...202))
    }

    // MARK: - Another file at the path

    /// A record each until the journal has noticed, and time until it works again.
    private func publishUntilRestored(_ journal: RunningJournal, _ words: String) throws {
        try blockUntil("restored", context: { "\(journal.journal.status)" }) {
            if journal.states.isEmpty { journal.publish(.sample()) }
            return journal.states == [.degraded, .ok]
        }
        let reason = try #require(journal.reasons.first)
        #expect(reason.contains(words), "\(reason)")
    }

    @Test(arguments: [["", "-wal", "-shm", "-seq"], ["", "-wal", "-shm"], [""]])
    func aJournalThatIsRemovedWhileItRunsBeginsAnew(_ removed: [String]) throws {
        let journal = try RunningJournal(directory.journal, capacity: 100)
        for _ in 0..<300 { journal.publish(.sample()) }
        for end in removed { try FileManager.default.removeItem(atPath: directory.journal.path + end) }
        try publishUntilRestored(
            journal,
            "the file was removed or replaced while it was in use: a new file begins with"
        )
        journal.publish(.sample())
        let last = Int64(journal.hub.head.seqLast)
        journal.stop()
        let seqs = try directory.seqs()
        let first = try #require(seqs.first)
        // What memory had is saved, and all since.
        #expect(seqs == Array(first...last) && first > 200 && first <= 301)

        let next = try RunningJournal(directory.journal)
        #expect(next.journal.feedID == journal.journal.feedID)
        #expect(next.journal.seqBase == UInt64(last))
        let server = try FeedServer(path: directory.socket, hub: next.hub)
        try server.start()
        defer { server.stop() }
        var subscriber = try Subscriber(path: directory.socket)
        let received = try subscriber.readAll(since: 0, through: last)
        #expect(received == Received(seqs: seqs, gaps: [1...(first - 1)]))
        next.stop()
    }

    @Test func aJournalThatIsReplacedByAnothersIsNotMixedWithIt() throws {
        let other = try TemporaryDirectory()
        let theirs = try RunningJournal(other.journal)
        for _ in 0..<50 { theirs.publish(.sample()) }
        theirs.stop()

        let journal = try RunningJournal(directory.journal)
        for _ in 0..<3 { journal.publish(.sample()) }
        try #require(rename(other.journal.path, directory.journal.path) == 0)
        try publishUntilRestored(journal, "removed or replaced")
        let last = Int64(journal.hub.head.seqLast)
        journal.stop()
        #expect(try directory.seqs() == Array(1...last))
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        let aside = try #require(names.first { $0.hasPrefix("events.sqlite.other-") && !$0.hasSuffix("-wal") })
        let kept = try DatabaseQueue(path: directory.path + "/" + aside).read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM record")
        }
        #expect(kept == 50)
    }

    /// By hand, with an umask that lets everybody read.
    @Test func theFilesAreReadableForTheGroupAtMost() throws {
        let before = umask(0)
        defer { umask(before) }
        let journal = try RunningJournal(directory.journal)
        journal.publish(.sample())
        for (end, mode) in [("", 0o640), ("-wal", 0o640), ("-shm", 0o640), ("-seq", 0o600)] {
            let path = directory.journal.path + end
            #expect(
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == mode,
                "\(path)"
            )
        }
        journal.stop()
    }

    @Test func aDiskThatRefusesAtTheStartLeavesTheDaemonWatching() throws {
        let first = try RunningJournal(directory.journal)
        first.publish(.sample())
        first.stop()
        // A mark that cannot be opened for writing, as on a read-only disk, whoever runs this test.
        let mark = directory.journal.markPath
        try FileManager.default.moveItem(atPath: mark, toPath: mark + ".away")
        try FileManager.default.createDirectory(atPath: mark, withIntermediateDirectories: false)
        let second = try RunningJournal(directory.journal)
        #expect(second.journal.status.state == .degraded)
        second.publish(.sample())
        // Beyond all that was ever given.
        #expect(second.hub.head.seqLast > 1_700_000_000_000_000)

        try FileManager.default.removeItem(atPath: mark)
        try blockUntil("ok") { second.journal.status.state == .ok }
        second.publish(.sample())
        second.stop()
        let seqs = try directory.seqs()
        #expect(seqs.count == 3 && seqs.first == 1)
    }

    /// The mark is written over in place, which a full disk takes: numbers go on as they should.
    @Test func aDatabaseThatRefusesAtTheStartBreaksNoNumbering() throws {
        let first = try RunningJournal(directory.journal)
        first.publish(.sample(), .sample(.ended))
        first.stop()
        let away = directory.journal.path + ".away"
        try FileManager.default.moveItem(atPath: directory.journal.path, toPath: away)
        // SQLite cannot open what it may not create: a link to nowhere.
        try FileManager.default.createSymbolicLink(
            atPath: directory.journal.path,
            withDestinationPath: directory.path + "/none/events.sqlite"
        )
        let second = try RunningJournal(directory.journal)
        #expect(second.journal.status.state == .degraded)
        second.publish(.sample())
        #expect(second.hub.head.seqLast == 1001)
        // In one step: between two the journal might make a file of its own there.
        try #require(rename(away, directory.journal.path) == 0)
        try blockUntil("ok") { second.journal.status.state == .ok }
        second.stop()
        #expect(try directory.seqs() == [1, 2, 1001])
    }
}
