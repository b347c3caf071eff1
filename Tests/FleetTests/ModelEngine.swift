import TestSupport

@testable import Fleet

/// The part of the engine that the fence stands on: a stream that compares the expected sequence of a filter, knows the
/// identifiers of its messages, and stores a batch as a whole. RealEngineTests shows that real servers do the same.
struct ModelEngine {
    private(set) var messages: [StoredMessage] = []
    private var identifiers: Set<String> = []

    mutating func publish(_ batch: [EngineMessage]) -> PublishOutcome {
        let named = batch.map { $0.headers[EngineMessage.Header.messageID] ?? "" }
        guard identifiers.isDisjoint(with: named) else { return .duplicate }
        for message in batch {
            guard let expected = message.headers[EngineMessage.Header.expected].flatMap({ UInt64($0) }) else {
                continue
            }
            let filter = message.headers[EngineMessage.Header.expectedSubject] ?? message.subject
            guard expected == last(filter)?.sequence ?? 0 else { return .wrongSequence }
        }
        identifiers.formUnion(named)
        for message in batch {
            messages.append(
                StoredMessage(
                    subject: message.subject,
                    sequence: UInt64(messages.count) + 1,
                    headers: message.headers,
                    payload: message.payload
                )
            )
        }
        return .stored(sequence: UInt64(messages.count))
    }

    /// The last message on a subject, whose last token may be `*`.
    func last(_ subject: String) -> StoredMessage? {
        messages.last { $0.subject == subject || (subject.hasSuffix(".*") && $0.subject.hasPrefix(subject.dropLast())) }
    }

    func message(at sequence: UInt64) -> StoredMessage? { messages.first { $0.sequence == sequence } }

    func position(of camera: String, for host: String, feed: String) -> CameraPosition {
        CameraPosition(
            last: last(FleetSubjects.events(of: camera)),
            own: last(FleetSubjects.events(of: camera, by: host)),
            late: last(FleetSubjects.late(of: camera, by: host)),
            feed: feed
        )
    }
}

/// A host that forwards the records of one camera to a `ModelEngine` over a bad network.
struct ModelHost {
    static let camera = "gate 1"

    let name: String
    /// The epoch that the host believes to be its own; nil while it does not watch.
    private(set) var epoch: UInt64?
    /// Its journal.
    private(set) var records: [OutboxRecord] = []
    private var open: String?
    private var settled: UInt64 = 0
    private var forwarding: CameraForwarding

    init(name: String) {
        self.name = name
        forwarding = CameraForwarding(camera: Self.camera, host: name, feed: "feed of \(name)")
    }

    var isIdle: Bool { forwarding.isIdle }

    mutating func claim(epoch: UInt64) {
        self.epoch = epoch
        forwarding.own(epoch: epoch)
    }

    /// The host sees that it does not have the camera any more.
    mutating func stop() {
        if open != nil { record(isEnd: true) }
        epoch = nil
    }

    /// An event starts or ends.
    mutating func record(isEnd: Bool) {
        guard let epoch, !isEnd || open != nil else { return }
        let number = UInt64(records.count) + 1
        let event = open ?? "\(name)-\(number)"
        open = isEnd ? nil : event
        let record = OutboxRecord(
            number: number,
            camera: Self.camera,
            epoch: epoch,
            body: "{}",
            event: OutboxRecord.Event(id: event, isEnd: isEnd)
        )
        records.append(record)
        forwarding.add(record)
    }

    /// The host dies and starts again. What it knew of the engine is lost, and its mark is out of date.
    mutating func crash(_ random: inout SeededGenerator) {
        forwarding = CameraForwarding(camera: Self.camera, host: name, feed: "feed of \(name)")
        let mark = UInt64.random(in: 0...settled, using: &random)
        for record in records where record.number > mark { forwarding.add(record) }
        if let epoch { forwarding.own(epoch: epoch) }
    }

    /// Takes one step. A message or batch may be lost, its answer may be lost, or it may arrive later.
    mutating func step(
        _ engine: inout ModelEngine,
        _ delayed: inout [[EngineMessage]],
        isCalm: Bool,
        _ random: inout SeededGenerator
    ) {
        let luck = isCalm ? 9 : Int.random(in: 0..<10, using: &random)
        switch forwarding.next(most: Int.random(in: 1...5, using: &random)) {
        case .locate:
            forwarding.found(luck > 1 ? engine.position(of: Self.camera, for: name, feed: "feed of \(name)") : nil)
        case .fetch(let sequence):
            forwarding.fetched(luck > 1 ? .some(engine.message(at: sequence)) : nil)
        case .publish(let publications):
            let message = publications.map {
                $0.message(host: name, feed: "feed of \(name)", body: Array("{}".utf8))
            }
            switch luck {
            case 0: forwarding.published(.unknown("lost"))
            case 1:
                _ = engine.publish(message)
                forwarding.published(.unknown("its answer is lost"))
            case 2:
                delayed.append(message)
                forwarding.published(.unknown("delayed"))
            case 3:
                // As when the connection breaks while the message is on its way.
                delayed.append(message)
                forwarding.interrupt()
            // A message in the midst of the batch is lost.
            case 4 where message.count > 1: forwarding.published(.refused("incomplete batch"))
            default: forwarding.published(engine.publish(message))
            }
        case nil: break
        }
        for case .record(let number, _) in forwarding.takeSettled() { settled = number }
    }
}
