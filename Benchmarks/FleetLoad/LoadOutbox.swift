import Events
import Fleet
import Glibc
import Synchronization
import Text

/// A host's records in a file, with their numbers and epochs: the outbox of the host, and the truth of the storm.
final class LoadOutbox: Sendable {
    private let file: LineFile
    private let markPath: String
    private let records: Mutex<[OutboxRecord]>
    private let settledNumber: Mutex<UInt64>
    /// The open events of an earlier run, with their epochs.
    let orphans: [(LabelEvent, UInt64)]

    init(_ path: String, mark: String) throws {
        let found = LineFile.lines(path).compactMap(Self.record)
        records = Mutex(found)
        file = try LineFile(path)
        markPath = mark
        settledNumber = Mutex(LineFile.lines(mark).last.flatMap { UInt64($0) } ?? 0)
        var open: [String: (LabelEvent, UInt64)] = [:]
        for record in found {
            guard let value = try? JSONValue(parsing: record.body), let event = LabelEvent(value) else { continue }
            open[event.id] = event.state == .ended ? nil : (event, record.epoch)
        }
        orphans = open.values.sorted { $0.0.startTime < $1.0.startTime }
    }

    var last: UInt64 { records.withLock { UInt64($0.count) } }
    var settled: UInt64 { settledNumber.withLock(\.self) }

    func add(_ event: LabelEvent, epoch: UInt64) {
        var event = event
        event.epoch = epoch
        records.withLock { [event] records in
            let number = UInt64(records.count) + 1
            let record = OutboxRecord(
                number: number,
                camera: event.stream,
                epoch: epoch,
                body: FeedRecord.event(event).line(seq: number).text,
                event: OutboxRecord.Event(id: event.id, isEnd: event.state == .ended)
            )
            file.add("\(epoch) \(record.body)")
            records.append(record)
        }
    }

    func source(feed: String) -> FleetMember.Outbox {
        FleetMember.Outbox(
            feedID: feed,
            startingAfter: settled,
            records: { number, most in
                self.records.withLock { OutboxPage(Array($0.dropFirst(Int(number)).prefix(most))) }
            },
            settled: { number in
                self.settledNumber.withLock { $0 = number }
                // Now and then only, as a daemon's mark is.
                guard number % 16 == 0, let file = fopen(self.markPath, "we") else { return }
                fputs("\(number)\n", file)
                fclose(file)
            }
        )
    }

    /// Reads a line `EPOCH RECORD`.
    static func record(_ line: Substring) -> OutboxRecord? {
        guard let space = line.firstIndex(of: " "), let epoch = UInt64(line[..<space]) else { return nil }
        let body = String(line[line.index(after: space)...])
        guard let value = try? JSONValue(parsing: body), let number = value["seq"]?.integer,
            let event = LabelEvent(value)
        else {
            return nil
        }
        return OutboxRecord(
            number: UInt64(number),
            camera: event.stream,
            epoch: epoch,
            body: body,
            event: OutboxRecord.Event(id: event.id, isEnd: event.state == .ended)
        )
    }
}
