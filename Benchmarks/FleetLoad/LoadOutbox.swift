import Events
import Fleet
import Glibc
import Synchronization
import Text

/// A host's records in a file, with their numbers and epochs: the outbox of the host, and the truth of the storm.
final class LoadOutbox: Sendable {
    private struct State {
        /// Those that may still be asked for, so that a storm measures the memory of a host and not of its journal.
        var records: [OutboxRecord]
        var last: UInt64
        var settled: UInt64

        /// The records after a number. Their numbers have no holes.
        func after(_ number: UInt64) -> ArraySlice<OutboxRecord> {
            let first = records.first?.number ?? number + 1
            return records.dropFirst(max(0, Int(number) + 1 - Int(first)))
        }

        mutating func settle(_ number: UInt64) {
            settled = number
            let rest = after(number)
            if rest.startIndex >= 256 { records = Array(rest) }
        }
    }

    private let file: LineFile
    private let markPath: String
    private let state: Mutex<State>
    /// The open events of an earlier run, with their epochs.
    let orphans: [(LabelEvent, UInt64)]

    init(_ path: String, mark: String) throws {
        let found = LineFile.lines(path).compactMap(Self.record)
        file = try LineFile(path)
        markPath = mark
        let settled = LineFile.lines(mark).last.flatMap { UInt64($0) } ?? 0
        let rest = Array(found.drop { $0.number <= settled })
        state = Mutex(State(records: rest, last: UInt64(found.count), settled: settled))
        var open: [String: (LabelEvent, UInt64)] = [:]
        for record in found {
            guard let value = try? JSONValue(parsing: record.body), let event = LabelEvent(value) else { continue }
            open[event.id] = event.state == .ended ? nil : (event, record.epoch)
        }
        orphans = open.values.sorted { $0.0.startTime < $1.0.startTime }
    }

    var last: UInt64 { state.withLock { $0.last } }
    var settled: UInt64 { state.withLock { $0.settled } }

    func add(_ event: LabelEvent, epoch: UInt64) {
        var event = event
        event.epoch = epoch
        state.withLock { [event] state in
            state.last += 1
            let number = state.last
            let record = OutboxRecord(
                number: number,
                camera: event.stream,
                epoch: epoch,
                body: FeedRecord.event(event).line(seq: number).text,
                event: OutboxRecord.Event(id: event.id, isEnd: event.state == .ended)
            )
            file.add("\(epoch) \(record.body)")
            state.records.append(record)
        }
    }

    func source(feed: String) -> FleetMember.Outbox {
        FleetMember.Outbox(
            feedID: feed,
            startingAfter: settled,
            records: { number, most in
                OutboxPage(Array(self.state.withLock { $0.after(number).prefix(most) }))
            },
            settled: { number in
                self.state.withLock { $0.settle(number) }
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
