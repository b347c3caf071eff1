import System
import Text

/// Reads the fleet's records from a sequence on, through the loss of servers. For one thread, which may block.
package struct FleetReader {
    package enum Reading: Sendable, Equatable {
        /// A record as a line of a feed whose numbers are the stream's sequences.
        case record(seq: UInt64, line: String)
        /// Records that are no longer kept.
        case gap(ClosedRange<UInt64>)
        /// All records that there were have come.
        case caughtUp
    }

    private static let token = "read"

    private let client: EngineClient
    private var reading: StreamReading
    private var waiting: [Reading] = []

    /// - Parameters:
    ///   - client: of the engine.
    ///   - seq: the last record that needs not be read.
    package init(_ client: EngineClient, after seq: UInt64) {
        self.client = client
        reading = StreamReading(name: "reader-\(RandomIdentifier.make())", after: seq)
    }

    /// What comes within the limit; nothing if nothing does.
    package mutating func next(within limit: Duration) throws(FleetError) -> [Reading] {
        try take(reading.turn(at: MonotonicTime.now))
        for message in client.take(within: min(limit, .milliseconds(250))) {
            guard message.isDelivery || message.subject == client.subject(Self.token) else { continue }
            try take(reading.received(message, at: MonotonicTime.now))
        }
        defer { waiting = [] }
        return waiting
    }

    private mutating func take(_ actions: [StreamReading.Action]) throws(FleetError) {
        for action in actions {
            switch action {
            case .create(let name, let start): try create(name, from: start)
            case .ask(let name, let count):
                let heartbeat = StreamReading.heartbeat
                var request = EngineRequests.next(count, of: name, of: FleetSubjects.stream, heartbeat: heartbeat)
                request.reply = client.subject(Self.token)
                client.publish(request)
            case .deliver(let message):
                let isLate = FleetSubjects.record(message.subject)?.isLate ?? false
                let line = FleetRecords.line(message.payload, seq: message.sequence, isLate: isLate)
                waiting.append(.record(seq: message.sequence, line: line))
            case .gap(let range): waiting.append(.gap(range))
            case .caughtUp: waiting.append(.caughtUp)
            }
        }
    }

    private mutating func create(_ name: String, from start: EngineRequests.Start) throws(FleetError) {
        let reply = client.ask(EngineRequests.createConsumer(name, of: FleetSubjects.stream, from: start))
        var pending: UInt64?
        switch reply {
        case .value(let value): pending = value["num_pending"]?.integer.flatMap { UInt64(exactly: $0) }
        case .failure(let failure) where failure.code == EngineReply.Failure.noStream:
            throw FleetError("the fleet's servers have no stream \(FleetSubjects.stream): make it first")
        case .failure, .none: break
        }
        try take(reading.created(name, pending: pending, at: MonotonicTime.now))
    }
}
