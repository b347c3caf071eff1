import DequeModule

/// Brings the records of one camera into the stream, each exactly once and in order: a state machine without sockets and
/// clocks. One message is on its way at a time, or one batch of them, which the engine stores as a whole or not at all. After
/// each doubt the stream's leader is asked what it has.
struct CameraForwarding {
    enum Step: Sendable, Equatable {
        /// Ask the leader for the camera's position; `found` takes the answer.
        case locate
        /// Ask the leader for the message with this sequence; `fetched` takes the answer.
        case fetch(UInt64)
        /// Publish as one batch; `published` takes what became of it.
        case publish([Publication])
    }

    /// What was settled.
    enum Settled: Sendable, Equatable {
        case record(number: UInt64, isLate: Bool)
        /// The stream had it already, of this run if it `isNew`: its answer was lost.
        case known(number: UInt64, isNew: Bool)
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
        case publishing([Publication])
    }

    /// The most bytes of records in a batch of several.
    private static let mostBytes = 1 << 18

    private let camera: String
    private let host: String
    private let feed: String
    private var items: Deque<Item> = []
    /// The bytes of the records.
    private(set) var byteCount = 0
    private var position: CameraPosition?
    /// The journal's number in the stream before this run sent anything.
    private var earlier: UInt64?
    private var business = Business.none
    /// An event of a lost host that is to be ended, with its last record.
    private var orphan: (event: String, record: [UInt8])?
    /// The events of earlier epochs that this host's own journal ends.
    private var kept: Set<String> = []
    /// The epochs that this host began with a full window.
    private var prepared: Set<UInt64> = []
    /// Why the engine refuses the first record for ever; nil if it does not.
    private var refusal: String?
    /// How many records still go one by one, after a batch of them failed.
    private var lone = 0
    /// What was settled without a message.
    private var settled: [Settled] = []

    init(camera: String, host: String, feed: String) {
        self.camera = camera
        self.host = host
        self.feed = feed
    }

    var isIdle: Bool { items.isEmpty && business == .none }

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

    mutating func add(_ record: OutboxRecord) {
        items.append(.record(record))
        byteCount += record.body.utf8.count
    }

    /// The next step; nil while one is under way or nothing is left.
    ///
    /// - Parameter most: the most records in a batch.
    mutating func next(most: Int = 1) -> Step? {
        guard business == .none, !items.isEmpty else { return nil }
        while let item = items.first {
            guard let position else {
                business = .locating
                return .locate
            }
            if case .record(let record) = item, record.number <= position.number {
                // Of a notice whose answer was lost as well.
                let notice = refusal.map { Settled.refused(number: record.number, reason: $0) }
                settled.append(notice ?? .known(number: record.number, isNew: record.number > earlier ?? 0))
                refusal = nil
                removeRecord()
            } else if case .owner = item, position.epoch > item.epoch {
                items.removeFirst()
            } else if position.epoch < item.epoch {
                return publish(
                    .owner(previous: position.owner, isPrepared: prepared.contains(item.epoch)),
                    epoch: item.epoch,
                    position
                )
            } else if case .record(let record) = item {
                if let refusal { return publish(.refusal(of: record, refusal), epoch: record.epoch, position) }
                return publish(batch(most, epoch: record.epoch), epoch: record.epoch, position)
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
        earlier = earlier ?? position?.number
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

    /// What became of the publications. A batch is stored with consecutive sequences, of which the last is reported.
    mutating func published(_ outcome: PublishOutcome) {
        guard case .publishing(let publications) = business, let publication = publications.first else { return }
        business = .none
        if publications.count > 1 {
            guard case .stored(let last) = outcome, last >= publications.count else {
                // Another owner is no reason to doubt the records.
                if outcome != .wrongSequence { lone = publications.count }
                return position = nil
            }
            let first = last - UInt64(publications.count) + 1
            for (publication, sequence) in zip(publications, first...) { stored(publication, sequence) }
            return
        }
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
        guard case .stored(let sequence) = outcome else { return position = nil }
        stored(publication, sequence)
    }

    private mutating func stored(_ publication: Publication, _ sequence: UInt64) {
        guard var position else { return }
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
            removeRecord()
        case .refusal(let record, let reason):
            settled.append(.refused(number: record.number, reason: reason))
            refusal = nil
            removeRecord()
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

    /// Removes the first item, a record that is settled.
    private mutating func removeRecord() {
        if case .record(let record) = items.removeFirst() { byteCount -= record.body.utf8.count }
        lone = max(0, lone - 1)
    }

    /// The next records of the epoch, for one batch.
    private func batch(_ most: Int, epoch: UInt64) -> [Publication.Content] {
        var (records, bytes): ([Publication.Content], Int) = ([], 0)
        for item in items.prefix(lone > 0 ? 1 : most) {
            guard case .record(let record) = item, record.epoch == epoch else { break }
            bytes += record.body.utf8.count
            guard records.isEmpty || bytes <= Self.mostBytes else { break }
            records.append(.record(record))
        }
        return records
    }

    private mutating func publish(_ content: Publication.Content, epoch: UInt64, _ position: CameraPosition) -> Step {
        publish([content], epoch: epoch, position)
    }

    private mutating func publish(_ contents: [Publication.Content], epoch: UInt64, _ position: CameraPosition) -> Step
    {
        let publications = Publication.batch(contents, of: camera, epoch: epoch, after: position)
        business = .publishing(publications)
        return .publish(publications)
    }

    /// The step that ends the next event that a lost host left open; nil if there is none.
    private mutating func endOrphan(epoch: UInt64, _ position: CameraPosition) -> Step? {
        if let orphan, position.open.entries[orphan.event] != nil {
            return publish(.end(event: orphan.event, of: orphan.record), epoch: epoch, position)
        }
        orphan = nil
        // An event of this epoch is open too if the host has started again without its journal.
        let left = position.open.entries.filter { $0.value.epoch <= epoch && !kept.contains($0.key) }
        guard let (event, entry) = left.min(by: { $0.value.sequence < $1.value.sequence }) else { return nil }
        business = .fetching(event: event)
        return .fetch(entry.sequence)
    }
}
