import Testing

@testable import Fleet

@Suite("Records that the engine refuses for ever")
struct RefusalTests {
    private func record(_ number: UInt64, _ event: OutboxRecord.Event? = nil) -> OutboxRecord {
        OutboxRecord(number: number, camera: "gate", epoch: 4, body: "{}", event: event)
    }

    /// The publication of the next step.
    private func next(_ forwarding: inout CameraForwarding) throws -> Publication {
        guard case .publish(let publications)? = forwarding.next(), publications.count == 1 else {
            throw FleetError("the next step does not publish one message")
        }
        return publications[0]
    }

    @Test("a notice takes the record's place, and the next record follows it")
    func notice() throws {
        var forwarding = CameraForwarding(camera: "gate", host: "a", feed: "f")
        forwarding.own(epoch: 4)
        forwarding.add(record(1, OutboxRecord.Event(id: "e", isEnd: false)))
        forwarding.add(record(2, OutboxRecord.Event(id: "e", isEnd: true)))
        #expect(forwarding.next() == .locate)
        forwarding.found(CameraPosition())
        #expect(try next(&forwarding).content == .owner(previous: nil))
        forwarding.published(.stored(sequence: 10))
        #expect(try next(&forwarding).content == .record(record(1, OutboxRecord.Event(id: "e", isEnd: false))))
        forwarding.published(.tooLarge("message size exceeds maximum allowed"))
        let refusal = try next(&forwarding)
        guard case .refusal(let refused, let reason) = refusal.content else {
            Issue.record("no notice: \(refusal)")
            return
        }
        #expect(refused.number == 1 && reason == "message size exceeds maximum allowed")
        #expect(refusal.expected == 10 && refusal.number == 1 && refusal.event?.id == "e")
        // A doubt about the notice loses nothing: the leader is asked, and it is published again.
        forwarding.published(.unknown("no answer"))
        #expect(forwarding.next() == .locate)
        var position = CameraPosition()
        (position.sequence, position.epoch, position.owner) = (10, 4, "a")
        forwarding.found(position)
        #expect(try next(&forwarding).content == .refusal(of: refused, reason))
        // So is one whose answer was lost: the leader has it.
        forwarding.published(.unknown("no answer"))
        #expect(forwarding.next() == .locate)
        (position.sequence, position.number) = (11, 1)
        forwarding.found(position)
        let second = try next(&forwarding)
        #expect(second.expected == 11 && second.number == 2)
        #expect(second.content == .record(record(2, OutboxRecord.Event(id: "e", isEnd: true))))
        forwarding.published(.stored(sequence: 12))
        #expect(
            forwarding.takeSettled() == [
                .owner, .refused(number: 1, reason: reason), .record(number: 2, isLate: false),
            ]
        )
        #expect(forwarding.isIdle)
    }

    @Test(
        "other refusals are tried again",
        arguments: [PublishOutcome.refused("insufficient resources"), .unknown("no answer")]
    )
    func others(outcome: PublishOutcome) throws {
        var forwarding = CameraForwarding(camera: "gate", host: "a", feed: "f")
        forwarding.add(record(1))
        _ = forwarding.next()
        var position = CameraPosition()
        (position.sequence, position.epoch) = (10, 4)
        forwarding.found(position)
        _ = try next(&forwarding)
        forwarding.published(outcome)
        #expect(forwarding.next() == .locate)
        forwarding.found(position)
        #expect(try next(&forwarding).content == .record(record(1)))
    }

    @Test("a message points to the last state of the camera's stream")
    func health() throws {
        var forwarding = CameraForwarding(camera: "gate", host: "a", feed: "f")
        forwarding.add(record(1))
        forwarding.add(record(2, OutboxRecord.Event(id: "e", isEnd: false)))
        _ = forwarding.next()
        var position = CameraPosition()
        (position.sequence, position.epoch) = (10, 4)
        forwarding.found(position)
        func stored(_ publication: Publication, _ sequence: UInt64) -> StoredMessage {
            let message = publication.message(host: "a", feed: "f", body: [])
            return StoredMessage(subject: message.subject, sequence: sequence, headers: message.headers)
        }
        #expect(Publication.health(stored(try next(&forwarding), 11)) == 11)
        forwarding.published(.stored(sequence: 11))
        #expect(Publication.health(stored(try next(&forwarding), 12)) == 11)
    }
}
