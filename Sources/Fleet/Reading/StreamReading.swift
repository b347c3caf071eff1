/// Reads a stream in order and without holes, even if servers fail in between: a state machine without sockets and
/// clocks.
///
/// Each consumer lives in one server's memory. When it dies, or a message of it is missing, another one goes on after the
/// last message that came.
struct StreamReading {
    enum Action: Sendable, Equatable {
        /// Make a consumer with this name; `created` takes the answer.
        case create(String, from: EngineRequests.Start)
        /// Ask the consumer for this many messages.
        case ask(String, count: Int)
        case deliver(StoredMessage)
        /// These messages are no longer kept.
        case gap(ClosedRange<UInt64>)
        /// All that there was has been delivered.
        case caughtUp
    }

    static let batch = 500
    /// How often an idle consumer shows that it lives, in seconds.
    static let heartbeat: Int64 = 2
    private static let silence = Duration.seconds(2 * heartbeat + 1)
    private static let pause = Duration.milliseconds(250)

    private enum State: Equatable {
        case idle(until: Duration)
        case creating
        case reading(delivered: UInt64, asked: Int)
    }

    /// Names the reader.
    private let name: String
    /// The subjects whose last messages each consumer begins with; nil for one that begins after the last message that came.
    private let watched: [String]?
    private var position: UInt64
    private var generation = 0
    private var state = State.idle(until: .zero)
    private var lastSign = Duration.zero
    private var hasCaughtUp = false

    /// Reads the messages after `sequence`.
    init(name: String, after sequence: UInt64) {
        self.name = name
        watched = nil
        position = sequence
    }

    /// Watches the last message of each subject of these filters.
    init(name: String, watching filters: [String]) {
        self.name = name
        watched = filters
        position = 0
    }

    /// The consumer in use.
    var consumer: String { "\(name)-\(generation)" }

    /// What is to be done by now.
    mutating func turn(at now: Duration) -> [Action] {
        switch state {
        case .idle(let until):
            guard now >= until else { return [] }
            generation += 1
            state = .creating
            lastSign = now
            hasCaughtUp = false
            return [.create(consumer, from: watched.map { .lastOfEach($0) } ?? .sequence(position + 1))]
        case .creating, .reading:
            if now - lastSign >= Self.silence { restart(at: now) }
            return []
        }
    }

    /// Leaves the consumer for another one.
    mutating func restart(at now: Duration) { state = .idle(until: now + Self.pause) }

    /// The answer to `create`.
    ///
    /// - Parameter pending: how many messages the consumer has; nil if it was not made.
    mutating func created(_ consumer: String, pending: UInt64?, at now: Duration) -> [Action] {
        guard state == .creating, consumer == self.consumer else { return [] }
        guard let pending else {
            restart(at: now)
            return []
        }
        lastSign = now
        state = .reading(delivered: 0, asked: Self.batch)
        return (pending == 0 ? catchUp() : []) + [.ask(consumer, count: Self.batch)]
    }

    /// A message came for the consumer.
    mutating func received(_ message: EngineMessage, at now: Duration) -> [Action] {
        guard case .reading(let delivered, let asked) = state else { return [] }
        if let status = message.status {
            lastSign = now
            return answer(status, at: now)
        }
        guard let place = DeliveryPlace(reply: message.reply), place.consumer == consumer else { return [] }
        lastSign = now
        guard place.delivery == delivered + 1 else {
            restart(at: now)
            return []
        }
        var actions: [Action] = []
        if watched == nil, place.sequence > position + 1 { actions.append(.gap(position + 1...place.sequence - 1)) }
        position = max(position, place.sequence)
        actions.append(
            .deliver(
                StoredMessage(
                    subject: message.subject,
                    sequence: place.sequence,
                    headers: message.headers,
                    payload: message.payload,
                    time: place.time
                )
            )
        )
        if place.pending == 0 { actions += catchUp() }
        // The next batch is asked for before the last one ends.
        let isNearEnd = asked - 1 <= Self.batch / 2
        state = .reading(delivered: place.delivery, asked: asked - 1 + (isNearEnd ? Self.batch / 2 : 0))
        if isNearEnd { actions.append(.ask(consumer, count: Self.batch / 2)) }
        return actions
    }

    private mutating func answer(_ status: Int, at now: Duration) -> [Action] {
        switch status {
        case 100: return []
        // A request ended: its time is over, or it has what it asked for.
        case 404, 408:
            guard case .reading(let delivered, _) = state else { return [] }
            state = .reading(delivered: delivered, asked: Self.batch)
            return [.ask(consumer, count: Self.batch)]
        // The consumer is gone, or no server has it now.
        default:
            restart(at: now)
            return []
        }
    }

    private mutating func catchUp() -> [Action] {
        guard !hasCaughtUp else { return [] }
        hasCaughtUp = true
        return [.caughtUp]
    }
}
