import Testing

@testable import Fleet

@Suite("Batches of records")
struct BatchTests {
    private static let feed = "f"

    private func record(_ number: UInt64, _ id: String?, isEnd: Bool = false, epoch: UInt64 = 4) -> OutboxRecord {
        let event = id.map { OutboxRecord.Event(id: $0, isEnd: isEnd) }
        return OutboxRecord(number: number, camera: "gate", epoch: epoch, body: "{}", event: event)
    }

    /// A camera whose last message is the owner's, with sequence 10.
    private func forwarding(_ records: [OutboxRecord], epoch: UInt64 = 4) -> CameraForwarding {
        var forwarding = CameraForwarding(camera: "gate", host: "a", feed: Self.feed)
        for record in records { forwarding.add(record) }
        locate(&forwarding, epoch: epoch)
        return forwarding
    }

    private func locate(_ forwarding: inout CameraForwarding, epoch: UInt64 = 4, number: UInt64 = 0) {
        #expect(forwarding.next(most: 8) == .locate)
        var position = CameraPosition()
        (position.sequence, position.epoch, position.owner, position.number) = (10, epoch, "a", number)
        forwarding.found(position)
    }

    private func batch(_ forwarding: inout CameraForwarding) throws -> [Publication] {
        guard case .publish(let publications)? = forwarding.next(most: 8) else {
            throw FleetError("the next step publishes nothing")
        }
        return publications
    }

    @Test("the first message holds the fence, and each names what came before it in the batch by distance")
    func references() throws {
        var forwarding = forwarding([
            record(1, nil), record(2, "e"), record(3, "f"), record(4, "e", isEnd: true), record(5, nil), record(6, nil),
        ])
        let publications = try batch(&forwarding)
        let messages = publications.map { $0.message(host: "a", feed: Self.feed, body: []) }
        #expect(messages.map { $0.headers["Nats-Expected-Last-Subject-Sequence"] } == ["10", nil, nil, nil, nil, nil])
        #expect(
            messages.map { $0.headers["Nats-Expected-Last-Subject-Sequence-Subject"] == "watchword.ev.gate.*" }
                == [true, false, false, false, false, false]
        )
        let stored = zip(messages, UInt64(31)...).map { message, sequence in
            StoredMessage(subject: message.subject, sequence: sequence, headers: message.headers)
        }
        let open = stored.map { message in
            OpenEvents(header: message.headers["Watchword-Open"], sequence: message.sequence, epoch: 4).entries
                .mapValues(\.sequence)
        }
        #expect(open == [[:], ["e": 32], ["e": 32, "f": 33], ["f": 33], ["f": 33], ["f": 33]])
        #expect(stored.map(Publication.health) == [31, 31, 31, 31, 35, 36])
        #expect(stored.map { $0.number("Watchword-Number") } == [1, 2, 3, 4, 5, 6])

        // What comes next builds on the sequences, of which the last is reported.
        forwarding.published(.stored(sequence: 36))
        #expect(forwarding.takeSettled() == (1...6).map { .record(number: $0, isLate: false) })
        forwarding.add(record(7, "g"))
        let next = try #require(try batch(&forwarding).first)
        #expect(next.expected == 36 && next.open == "g f@33@4" && next.health == "36")
    }

    @Test("large records wait in the journal, and not in memory")
    func largeRecords() {
        var forwarding = Forwarding(host: "a", feed: Self.feed)
        forwarding.own("gate", epoch: 4, isPrepared: false, fencingAt: .zero)
        let body = String(repeating: "x", count: 1 << 20)
        for number in UInt64(1)...2 {
            #expect(!forwarding.isFull)
            forwarding.add(OutboxRecord(number: number, camera: "gate", epoch: 4, body: body))
        }
        #expect(forwarding.isFull && forwarding.recordCount == 2)
        #expect(forwarding.next(at: .zero).map(\.step) == [.locate])
        var position = CameraPosition()
        (position.sequence, position.epoch, position.owner) = (10, 4, "a")
        forwarding.found("gate", position, at: .zero)
        #expect(forwarding.next(at: .zero).count == 1)
        forwarding.published("gate", .stored(sequence: 11), at: .zero)
        #expect(!forwarding.isFull)
    }

    @Test("records of two epochs are in two batches")
    func epochs() throws {
        var forwarding = forwarding([record(1, "e"), record(2, "e"), record(3, "g", epoch: 5)])
        #expect(try batch(&forwarding).map(\.number) == [1, 2])
        forwarding.published(.stored(sequence: 12))
        let owner = try batch(&forwarding)
        #expect(owner.map(\.content) == [.owner(previous: "a")] && owner.first?.epoch == 5)
    }

    @Test("what a fenced host still has goes late, in batches of the late subject")
    func late() throws {
        var forwarding = forwarding([record(1, "e"), record(2, "e"), record(3, "e", isEnd: true)])
        #expect(try batch(&forwarding).count == 3)
        forwarding.published(.wrongSequence)
        locate(&forwarding, epoch: 5)
        let publications = try batch(&forwarding)
        #expect(publications.map(\.isLate) == [true, true, true])
        #expect(publications.map(\.expected) == [0, nil, nil])
        let message = publications[1].message(host: "a", feed: Self.feed, body: [])
        #expect(message.subject == "watchword.late.gate.a" && message.headers["Watchword-Open"] == nil)
        forwarding.published(.stored(sequence: 14))
        #expect(forwarding.takeSettled() == (1...3).map { .record(number: $0, isLate: true) })
    }

    @Test("the records of a batch that fails go one by one, so that the one at fault is found")
    func failure() throws {
        var forwarding = forwarding((1...6).map { record($0, "e") })
        #expect(try batch(&forwarding).count == 6)
        forwarding.published(.tooLarge("message size exceeds maximum allowed"))
        locate(&forwarding)
        #expect(try batch(&forwarding).map(\.number) == [1])
        forwarding.published(.stored(sequence: 11))
        #expect(try batch(&forwarding).map(\.number) == [2])
        forwarding.published(.tooLarge("message size exceeds maximum allowed"))
        let notice = try #require(try batch(&forwarding).first)
        #expect(notice.content == .refusal(of: record(2, "e"), "message size exceeds maximum allowed"))
        forwarding.published(.stored(sequence: 12))
        for number in UInt64(3)...6 {
            #expect(try batch(&forwarding).map(\.number) == [number])
            forwarding.published(.stored(sequence: number + 10))
        }
        for number in UInt64(7)...9 { forwarding.add(record(number, "e")) }
        #expect(try batch(&forwarding).map(\.number) == [7, 8, 9], "then in batches again")
    }

    @Test("a record that is tried again counts once among those that go one by one", arguments: [1, 3, 10])
    func tries(count: Int) throws {
        var forwarding = forwarding((1...3).map { record($0, "e") })
        #expect(try batch(&forwarding).count == 3)
        forwarding.published(.refused("insufficient resources"))
        for _ in 0..<count {
            locate(&forwarding)
            #expect(try batch(&forwarding).map(\.number) == [1])
            forwarding.published(.refused("insufficient resources"))
        }
        locate(&forwarding)
        for number in UInt64(1)...3 {
            #expect(try batch(&forwarding).map(\.number) == [number])
            forwarding.published(.stored(sequence: number + 10))
        }
        for number in UInt64(4)...5 { forwarding.add(record(number, "e")) }
        #expect(try batch(&forwarding).map(\.number) == [4, 5], "then in batches again")
    }

    @Test("a batch whose answer is lost is asked for, and goes on after what the stream has")
    func doubt() throws {
        var forwarding = forwarding((1...3).map { record($0, "e") })
        #expect(try batch(&forwarding).count == 3)
        forwarding.published(.unknown("no answer"))
        locate(&forwarding, number: 3)
        #expect(forwarding.next(most: 8) == nil)
        #expect(forwarding.takeSettled() == (1...3).map { .known(number: $0, isNew: true) })
        #expect(forwarding.isIdle)
        for number in UInt64(4)...5 { forwarding.add(record(number, "e")) }
        #expect(try batch(&forwarding).map(\.number) == [4, 5])
    }

    @Test("what an earlier run has stored is not of this one")
    func restart() throws {
        var forwarding = CameraForwarding(camera: "gate", host: "a", feed: Self.feed)
        for number in UInt64(1)...3 { forwarding.add(record(number, "e")) }
        locate(&forwarding, number: 2)
        #expect(try batch(&forwarding).map(\.number) == [3])
        forwarding.published(.unknown("no answer"))
        locate(&forwarding, number: 3)
        #expect(forwarding.next(most: 8) == nil)
        let expected: [CameraForwarding.Settled] = [
            .known(number: 1, isNew: false), .known(number: 2, isNew: false), .known(number: 3, isNew: true),
        ]
        #expect(forwarding.takeSettled() == expected)
    }
}
