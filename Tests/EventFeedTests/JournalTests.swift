import Events
import Foundation
import GRDB
import Testing
import TestSupport
import Text

@testable import EventFeed

@Suite(.serialized, .ownThread) struct JournalTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func recordsOutliveARestartAndNumbersGoOn() throws {
        let first = try RunningJournal(directory.journal)
        first.publish(.sample(id: "a"), .health("door"), .sample(.ended, id: "a"))
        #expect(first.hub.head.seqLast == 3)
        #expect(first.journal.status.state == .ok)
        first.stop()
        #expect(try directory.seqs() == [1, 2, 3])

        let second = try RunningJournal(directory.journal)
        #expect(second.journal.feedID == first.journal.feedID)
        #expect(second.journal.notices == [])
        second.publish(.sample(id: "b"))
        #expect(second.hub.head.seqLast == 4)
        let server = try FeedServer(path: directory.socket, hub: second.hub)
        try server.start()
        defer { server.stop() }
        var subscriber = try Subscriber(path: directory.socket)
        #expect(subscriber.hello["seq_first"]?.integer == 1)
        #expect(subscriber.hello["seq_last"]?.integer == 4)
        #expect(subscriber.hello["journal"]?.string == "ok")
        #expect(try subscriber.readAll(since: 0, through: 4) == Received(seqs: [1, 2, 3, 4]))
    }

    @Test func aRestartWithoutARecordMovesNothing() throws {
        for _ in 0..<3 { try RunningJournal(directory.journal).stop() }
        let journal = try RunningJournal(directory.journal)
        #expect(journal.journal.seqBase == 0)
        #expect(journal.journal.notices == [])
    }

    @Test func nothingIsSeenBeforeItIsSaved() throws {
        let journal = try Journal(directory.journal)
        let hub = EventHub(version: "1", streams: [], journal: journal)
        try journal.start(feeding: hub) { _ in }
        defer { journal.stop() }
        for count in 1...200 {
            hub.publish(.sample())
            hub.flush()
            let database = try #require(journal.openDatabase)
            let saved = try database.bounds().seqLast
            #expect(saved >= hub.head.seqLast && hub.head.seqLast == count)
        }
    }

    /// The last record of a removed stream is saved only after the stream is forgotten.
    @Test func aRemovedStreamIsInNoSnapshot() throws {
        let hub = EventHub(version: "1", streams: ["door", "gate"], journal: try Journal(directory.journal))
        hub.publish(.health("door"))
        hub.publish(.health("gate", .offline))
        hub.setStreams(["door"])
        hub.release(through: 2)
        #expect(hub.head.seqLast == 2)
        #expect(hub.snapshot().streams.map(\.stream) == ["door"])
    }

    @Test func whatAKilledDaemonLeftOpenEndsOnce() throws {
        let killed = try RunningJournal(directory.journal)
        killed.publish(.sample(id: "over"), .sample(id: "open"))
        killed.publish(.sample(.ended, id: "over"), .sample(.updated, id: "open"))
        let settings = try directory.copyAsKilled("copy")

        let next = try RunningJournal(settings)
        #expect(next.journal.recovered.map(\.id) == ["open"])
        #expect(next.journal.recovered.first?.endReason == .crashRecovered)
        #expect(next.hub.head.seqLast == 5)
        #expect(next.hub.snapshot().open.isEmpty)
        next.stop()
        let third = try RunningJournal(settings)
        #expect(third.journal.recovered.isEmpty)
        #expect(third.hub.head.seqLast == 5)
        killed.stop()
    }

    @Test func aSecondDaemonIsKeptOut() throws {
        let first = try RunningJournal(directory.journal)
        let error = try #require(throws: JournalError.self) { _ = try Journal(directory.journal) }
        #expect(error.code == .inUse)
        #expect(error.message.contains(directory.journal.path))
        first.stop()
        _ = try RunningJournal(directory.journal)
    }

    @Test func afterAFallOfTheMachineNumbersThatMayBeLostAreNotGivenAgain() throws {
        let killed = try RunningJournal(directory.journal)
        killed.publish(.sample(), .sample(.ended))
        var settings = try directory.copyAsKilled("copy")
        settings.bootID = "the next boot"
        let next = try RunningJournal(settings)
        #expect(next.journal.seqBase == 1000)
        #expect(next.journal.notices.count == 1)
        next.publish(.sample())
        #expect(next.hub.head.seqLast == 1001)
        let server = try FeedServer(path: directory.socket, hub: next.hub)
        try server.start()
        defer { server.stop() }
        var subscriber = try Subscriber(path: directory.socket)
        #expect(try subscriber.readAll(since: 1, through: 1001) == Received(seqs: [2, 1001], gaps: [3...1000]))
        killed.stop()
    }
}
