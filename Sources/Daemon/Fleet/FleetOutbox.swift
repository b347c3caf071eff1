import EventFeed
import Fleet
import Logging
import Synchronization

/// The journal as the fleet's outbox: the records of the fleet's cameras, each with the claim that it was made under.
final class FleetOutbox: Sendable {
    private let reader: Mutex<RecordReader>
    private let mark: Mutex<ServedMark>
    private let feedID: String
    private let logger: Logger
    /// The last trouble that was logged.
    private let trouble = Mutex<String?>(nil)
    /// The record after which the fleet gets them.
    let start: UInt64

    /// - Parameters:
    ///   - source: the daemon's own feed.
    ///   - seq: the last record of earlier daemons. A host that was in no fleet begins after it.
    ///   - path: of the file that keeps how far the fleet has the journal.
    init(_ source: RecordSource, startingAfter seq: UInt64, mark path: String, logger: Logger) {
        let mark = ServedMark(.file(path))
        start = FeedPosition(feedID: source.feedID, found: mark.found, first: seq).seq
        feedID = source.feedID
        reader = Mutex(RecordReader(source))
        self.mark = Mutex(mark)
        self.logger = logger
    }

    var connection: FleetMember.Outbox {
        FleetMember.Outbox(
            feedID: feedID,
            startingAfter: start,
            records: { [self] in page(after: $0, most: $1) },
            pollable: { [self] in reader.withLock { $0.pollable } },
            settled: { [self] in keep($0) }
        )
    }

    private func page(after number: UInt64, most: Int) -> OutboxPage {
        var page = OutboxPage([])
        while page.records.count < most {
            switch reader.withLock({ $0.next(after: page.last ?? number, within: .zero) }) {
            case .message(.gap(let missing), _):
                logger.warning("the fleet misses records \(missing.lowerBound) to \(missing.upperBound) of this host")
                page.last = missing.upperBound
                page.missed += UInt64(missing.count)
            case .message(let message, let line):
                guard let seq = message.seq else { continue }
                if let record = OutboxRecord(message, line: line) { page.records.append(record) }
                page.last = seq
            case .nothing: return page
            case .failed(let error):
                report(error.description)
                return page
            }
        }
        return page
    }

    private func keep(_ number: UInt64) {
        mark.withLock { mark in
            do throws(FeedError) {
                try mark.write(FeedPosition(feedID: feedID, seq: number))
            } catch {
                report(error.description)
            }
        }
    }

    private func report(_ text: String) {
        let isNews = trouble.withLock { trouble in
            defer { trouble = text }
            return trouble != text
        }
        if isNews { logger.warning("\(text)") }
    }
}

extension OutboxRecord {
    /// Nil for a record of a stream that is this host's alone.
    fileprivate init?(_ message: FeedMessage, line: String) {
        switch message {
        case .event(let event):
            guard let epoch = event.epoch, let seq = event.seq, let stream = event.stream, let id = event.id else {
                return nil
            }
            self.init(
                number: seq,
                camera: stream,
                epoch: epoch,
                body: line,
                event: Event(id: id, isEnd: !event.isOpen)
            )
        case .stream(let health):
            guard let epoch = health.epoch, let seq = health.seq, let stream = health.stream else { return nil }
            self.init(number: seq, camera: stream, epoch: epoch, body: line)
        default: return nil
        }
    }
}
