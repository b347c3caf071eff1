import Events
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing
import Text

@testable import EventFeed
@testable import System

/// A journal with its hub in a folder of the test's, opened, started and stopped as the daemon does it.
final class RunningJournal: Sendable {
    let journal: Journal
    let hub: EventHub
    private let reports = Mutex<[JournalStatus]>([])

    init(_ settings: JournalSettings, capacity: Int = 10_000) throws {
        journal = try Journal(settings)
        hub = EventHub(version: "1", streams: ["door"], historyCapacity: capacity, journal: journal)
        let hub = hub
        try journal.start(feeding: hub) { [weak self] status in self?.reports.withLock { $0.append(status) } }
        hub.flush()
    }

    deinit { journal.stop() }

    func stop() { journal.stop() }

    var states: [JournalStatus.State] { reports.withLock { $0.map(\.state) } }

    var reasons: [String] { reports.withLock { $0.compactMap(\.reason) } }

    /// Publishes and waits until subscribers may have it.
    func publish(_ records: FeedRecord...) {
        for record in records { hub.publish(record) }
        hub.flush()
    }

    /// Makes the database refuse to grow, as a full disk does, or lets it again.
    func limitPages(_ count: Int?) throws {
        let database = try #require(journal.openDatabase)
        try database.writer.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(count.map { pages + $0 } ?? 1_000_000_000)")
        }
    }
}

extension TemporaryDirectory {
    /// A journal that tries and tidies up often, and that is as patient with the disk as the tests are.
    var journal: JournalSettings {
        var settings = JournalSettings(path: path + "/events.sqlite")
        settings.patience = patience
        settings.firstPause = .milliseconds(10)
        settings.longestPause = .milliseconds(50)
        settings.retentionInterval = .milliseconds(50)
        settings.reserve = 1000
        settings.doubt = .milliseconds(50)
        settings.isClockSynchronised = { true }
        settings.bootID = "this boot"
        return settings
    }

    /// What a journal's database holds, seen from outside.
    func seqs() throws -> [Int64] {
        try DatabaseQueue(path: journal.path).read { db in
            try Int64.fetchAll(db, sql: "SELECT seq FROM record ORDER BY seq")
        }
    }

    /// Copies the files as they stand, as a kill would leave them, and returns the settings of a journal on the copy.
    func copyAsKilled(_ name: String) throws -> JournalSettings {
        let copy = path + "/" + name
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for suffix in ["", "-wal", "-seq"] where FileManager.default.fileExists(atPath: journal.path + suffix) {
            try FileManager.default.copyItem(atPath: journal.path + suffix, toPath: copy + "/events.sqlite" + suffix)
        }
        var settings = journal
        settings.path = copy + "/events.sqlite"
        return settings
    }
}

/// What a reader of the feed has: which records came, and which it heard are gone.
struct Received: Equatable {
    var seqs: [Int64] = []
    var gaps: [ClosedRange<Int64>] = []
}

extension Subscriber {
    /// Subscribes from `since` on and reads until the record or gap that ends with `last`.
    mutating func readAll(since: Int64, through last: Int64) throws -> Received {
        _ = try subscribe(#"{"since":\#(since)}"#)
        return try read(after: since, through: last)
    }

    /// Reads on, each record exactly once and in order.
    mutating func read(after since: Int64, through last: Int64) throws -> Received {
        var received = Received()
        var position = since
        while position < last {
            let line = try next()
            switch line.type {
            case "gap":
                let from = try #require(line["from"]?.integer)
                let to = try #require(line["to"]?.integer)
                try #require(from == position + 1 && to >= from, "after \(position) comes \(line)")
                received.gaps.append(from...to)
                position = to
            case "journal": break
            default:
                try #require(line.seq == position + 1, "after \(position) comes \(line)")
                position += 1
                received.seqs.append(position)
            }
        }
        return received
    }
}
