import System
import Text

/// Reads the fleet's records from a sequence on, through the loss of servers. For one thread, which may block.
package struct FleetReader {
    package enum Reading: Sendable, Equatable {
        /// The numbering of the records that follow: at the beginning, and if it has begun anew.
        case feed(StreamReport)
        /// A record as a line of a feed whose numbers are the stream's sequences.
        case record(seq: UInt64, line: String)
        /// Records that are no longer kept.
        case gap(ClosedRange<UInt64>)
        /// All records that there were have come.
        case caughtUp
    }

    private static let token = "read"
    private static let pause = Duration.milliseconds(250)

    private let client: EngineClient
    private let start: UInt64?
    /// The numbering of the records that were read.
    private var feedID: String?
    /// Nil until the stream is known.
    private var reading: StreamReading?
    private var waiting: [Reading] = []

    /// - Parameters:
    ///   - client: of the engine.
    ///   - seq: the last record that needs not be read; nil for those that come from now on.
    ///   - feedID: the numbering of `seq`; nil for the one that there is.
    package init(_ client: EngineClient, after seq: UInt64?, of feedID: String? = nil) {
        self.client = client
        self.feedID = feedID
        start = seq
    }

    /// What comes within the limit; nothing if nothing does.
    ///
    /// - Throws: `FleetError` if there is no stream, or if it has no such records yet.
    package mutating func next(within limit: Duration) throws(FleetError) -> [Reading] {
        let limit = min(limit, Self.pause)
        if reading == nil, try !begin() { MonotonicTime.sleep(for: limit) }
        try take(reading?.turn(at: MonotonicTime.now) ?? [])
        for message in client.take(within: waiting.isEmpty ? limit : .zero) {
            guard message.isDelivery || message.subject == client.subject(Self.token) else { continue }
            try take(reading?.received(message, at: MonotonicTime.now) ?? [])
        }
        defer { waiting = [] }
        return waiting
    }

    /// Finds where to begin; false if the engine does not answer now.
    private mutating func begin() throws(FleetError) -> Bool {
        guard let report = try report() else { return false }
        let isSame = feedID.map { $0 == report.feedID } ?? true
        let seq = isSame ? start ?? report.last : 0
        guard seq <= report.last else {
            throw FleetError(
                "there is no record \(seq) yet: the last one is \(report.last); did the numbering begin anew (compare feed_id)?"
            )
        }
        feedID = report.feedID
        waiting.append(.feed(report))
        reading = StreamReading(name: "reader-\(RandomIdentifier.make())", after: seq)
        return true
    }

    private func report() throws(FleetError) -> StreamReport? {
        switch client.ask(EngineRequests.streamInfo(FleetSubjects.stream)) {
        case .value(let value): return StreamReport(value)
        case .failure(let failure) where failure.code == EngineReply.Failure.noStream:
            throw FleetError.noStream(FleetSubjects.stream)
        case .failure, .none: return nil
        }
    }

    private mutating func take(_ actions: [StreamReading.Action]) throws(FleetError) {
        for action in actions {
            switch action {
            case .create(let name, let start): try create(name, from: start)
            case .ask(let name, let count):
                var request = EngineRequests.next(count, of: name, of: FleetSubjects.stream)
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
        let report = try report()
        if let report, report.feedID != feedID {
            // Another stream with the same name: all of it is new.
            reading = nil
            return
        }
        var pending: UInt64?
        // Without the stream's description it may be another one.
        if report != nil {
            let reply = client.ask(EngineRequests.createConsumer(name, of: FleetSubjects.stream, from: start))
            if case .value(let value) = reply {
                pending = value["num_pending"]?.integer.flatMap { UInt64(exactly: $0) }
            }
        }
        try take(reading?.created(name, pending: pending, at: MonotonicTime.now) ?? [])
    }
}
