import EventFeed
import Fleet
import Logging
import TestSupport
import Testing

@testable import Daemon

@Suite struct FleetOutboxTests {
    /// The journal after what it has dropped.
    private final class Records: RecordClient {
        private var readings: [FeedClient.Reading]

        init(_ lines: [String]) throws {
            readings = try lines.map { .message(try FeedMessage(parsing: $0), line: $0) }
        }

        var pollable: Int32 { -1 }
        func subscribe(_ subscription: Subscription) {}
        func next(within limit: Duration?) -> FeedClient.Reading {
            readings.isEmpty ? .timedOut : readings.removeFirst()
        }
    }

    @Test func whatTheJournalHasDroppedIsCounted() throws {
        let directory = try TemporaryDirectory()
        let source = RecordSource(feedID: "f") { () throws(FeedError) in
            do {
                return try Records([
                    #"{"type":"gap","from":1,"to":5}"#,
                    #"{"type":"event","seq":6,"id":"e","stream":"door","state":"started","epoch":4}"#,
                    #"{"type":"event","seq":7,"id":"own","stream":"own","state":"started"}"#,
                ])
            } catch { throw FeedError(code: .disconnected, message: "\(error)", path: "test") }
        }
        let path = directory.path + "/mark"
        let outbox = FleetOutbox(source, startingAfter: 0, mark: path, logger: Logger(label: "test"))
        let page = outbox.connection.records(0, 100)
        #expect(page.missed == 5 && page.last == 7)
        #expect(page.records.map(\.number) == [6], "a stream of the host's own is no business of the fleet")
    }
}
