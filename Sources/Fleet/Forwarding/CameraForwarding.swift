import DequeModule

/// Brings the records of one camera into the stream, each exactly once and in order: a state machine without sockets and
/// clocks. One message is on its way at a time, and after each doubt the stream's leader is asked what it has.
struct CameraForwarding {
    enum Step: Sendable, Equatable {
        /// Ask the leader for the camera's position; `found` takes the answer.
        case locate
        /// Ask the leader for the message with this sequence; `fetched` takes the answer.
        case fetch(UInt64)
        /// Publish; `published` takes what became of it.
        case publish(Publication)
    }

    /// What was settled.
    enum Settled: Sendable, Equatable {
        case record(number: UInt64, isLate: Bool)
        /// The stream had it already.
        case known(number: UInt64)
        /// The engine refuses it for ever, and has a notice in its place.
        case refused(number: UInt64, reason: String)
        case owner
        case ended(event: String)
    }

    private enum Item {
        case owner(epoch: UInt64)
        case record(OutboxRecord)

        var epoch: UInt64 {
            switch self {
            case .owner(let epoch): epoch
            case .record(let record): record.epoch
            }
        }
    }

    private enum Business: Equatable {
        case none
        case locating
        case fetching(event: String)
        case publishing(Publication)
    }

    private let camera: String
    private let host: String
    private let feed: String
    private var items: Deque<Item> = []
    private var position: CameraPosition?
    private var business = Business.none
    /// An event of a lost host that is to be ended, with its last record.
    private var orphan: (event: String, record: [UInt8])?
    /// The events of earlier epochs that this host's own journal ends.
    private var kept: Set<String> = []
    /// The epochs that this host began with a full window.
    private var prepared: Set<UInt64> = []
    /// Why the engine refuses the first record for ever; nil if it does not.
    private var refusal: String?
    /// What was settled without a message.
    private var settled: [Settled] = []

    init(camera: String, host: String, feed: String) {
        self.camera = camera
        self.host = host
        self.feed = feed
    }

    var isIdle: Bool { items.isEmpty && business == .none }
    var recordCount: Int { items.count { if case .record = $0 { true } else { false } } }

    /// The first record that is not settled.
    var firstNumber: UInt64? {
        for case .record(let record) in items { return record.number }
        return nil
    }

    /// The host has the camera from now on.
    ///
    /// - Parameter isPrepared: whether its window is full already.
    mutating func own(epoch: UInt64, isPrepared: Bool = false) {
        items.append(.owner(epoch: epoch))
        if isPrepared { prepared.insert(epoch) }
    }

    mutating func add(_ record: OutboxRecord) { items.append(.record(record)) }

    /// The next step; nil while one is under way or nothing is left.
    mutating func next() -> Step? {
        guard business == .none, !items.isEmpty else { return nil }
        while let item = items.first {
            guard let position else {
                business = .locating
                return .locate
            }
            if case .record(let record) = item, record.number <= position.number {
                // Of a notice whose answer was lost as well.
                let notice = refusal.map { Settled.refused(number: record.number, reason: $0) }
                settled.append(notice ?? .known(number: record.number))
                refusal = nil
                items.removeFirst()
            } else if case .owner = item, position.epoch > item.epoch {
                items.removeFirst()
            } else if position.epoch < item.epoch {
                return publish(
                    .owner(previous: position.owner, isPrepared: prepared.contains(item.epoch)),
                    epoch: item.epoch,
                    position
                )
            } else if case .record(let record) = item {
                let content = refusal.map { Publication.Content.refusal(of: record, $0) } ?? .record(record)
                return publish(content, epoch: record.epoch, position)
            } else if let step = endOrphan(epoch: item.epoch, position) {
                return step
            } else {
                items.removeFirst()
            }
        }
        return nil
    }

    /// Takes what was settled since the last call.
    mutating func takeSettled() -> [Settled] {
        defer { settled = [] }
        return settled
    }

    /// The answer to `locate`; nil if none came.
    mutating func found(_ position: CameraPosition?) {
        guard business == .locating else { return }
        business = .none
        self.position = position
    }

    /// The answer to `fetch`: the message, nothing if the stream no longer has it, or nil if no answer came.
    mutating func fetched(_ answer: StoredMessage??) {
        guard case .fetching(let event) = business else { return }
        business = .none
        guard let answer else { return }
        guard let message = answer, FleetSubjects.record(message.subject)?.camera == camera else {
            kept.insert(event)
            return
        }
        let isOwn =
            FleetSubjects.record(message.subject)?.host == host && message.headers[EngineMessage.Header.feed] == feed
        if isOwn { kept.insert(event) } else { orphan = (event, message.payload) }
    }

    /// What became of the publication.
    mutating func published(_ outcome: PublishOutcome) {
        guard case .publishing(let publication) = business else { return }
        business = .none
        if case .tooLarge(let reason) = outcome {
            // It was not stored, so the position still holds.
            switch publication.content {
            case .record: return refusal = reason
            case .end(let event, _):
                kept.insert(event)
                return orphan = nil
            case .owner, .refusal: break
            }
        }
        guard case .stored(let sequence) = outcome, var position else {
            self.position = nil
            return
        }
        if publication.isLate {
            position.lateSequence = sequence
        } else {
            (position.sequence, position.epoch, position.owner) = (sequence, publication.epoch, host)
            if publication.isHealth { position.health = sequence }
            if let event = publication.event {
                position.open.apply(event, sequence: sequence, epoch: publication.epoch)
            }
        }
        position.number = publication.number
        self.position = position
        switch publication.content {
        case .owner: settled.append(.owner)
        case .record(let record):
            settled.append(.record(number: record.number, isLate: publication.isLate))
            items.removeFirst()
        case .refusal(let record, let reason):
            settled.append(.refused(number: record.number, reason: reason))
            refusal = nil
            items.removeFirst()
        case .end(let event, _):
            settled.append(.ended(event: event))
            orphan = nil
        }
    }

    /// The connection was lost: nothing under way will be answered.
    mutating func interrupt() {
        business = .none
        position = nil
    }

    // MARK: - Parts

    private mutating func publish(_ content: Publication.Content, epoch: UInt64, _ position: CameraPosition) -> Step {
        let isLate = position.epoch > epoch
        var publication = Publication(
            camera: camera,
            content: content,
            epoch: epoch,
            isLate: isLate,
            expected: isLate ? position.lateSequence : position.sequence,
            number: position.number,
            open: "",
            health: position.health
        )
        switch content {
        case .record(let record), .refusal(let record, _): publication.number = record.number
        case .owner, .end: break
        }
        let event = publication.event
        publication.open = position.open.header(own: event.flatMap { $0.isEnd ? nil : $0.id }, without: event?.id)
        business = .publishing(publication)
        return .publish(publication)
    }

    /// The step that ends the next event that a lost host left open; nil if there is none.
    private mutating func endOrphan(epoch: UInt64, _ position: CameraPosition) -> Step? {
        if let orphan, position.open.entries[orphan.event] != nil {
            return publish(.end(event: orphan.event, of: orphan.record), epoch: epoch, position)
        }
        orphan = nil
        let left = position.open.entries.filter { $0.value.epoch < epoch && !kept.contains($0.key) }
        guard let (event, entry) = left.min(by: { $0.value.sequence < $1.value.sequence }) else { return nil }
        business = .fetching(event: event)
        return .fetch(entry.sequence)
    }
}
