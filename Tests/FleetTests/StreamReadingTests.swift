import Testing

@testable import Fleet

@Suite("Reading a stream")
struct StreamReadingTests {
    private static func message(_ sequence: UInt64, delivery: UInt64, pending: UInt64 = 1, _ consumer: String = "r-1")
        -> EngineMessage
    {
        let reply = "$JS.ACK.WATCHWORD.\(consumer).1.\(sequence).\(delivery).1795897024746271473.\(pending)"
        return EngineMessage(subject: "watchword.ev.a.h", reply: reply)
    }

    private static func status(_ code: Int) -> EngineMessage {
        EngineMessage(subject: "i", headers: ["Status": String(code)])
    }

    private func sequences(_ actions: [StreamReading.Action]) -> [UInt64] {
        actions.compactMap { if case .deliver(let message) = $0 { message.sequence } else { nil } }
    }

    /// A reader after sequence 10, whose first consumer has messages.
    private func reader() -> StreamReading {
        var reading = StreamReading(name: "r", after: 10)
        #expect(reading.turn(at: .seconds(1)) == [.create("r-1", from: .sequence(11))])
        #expect(reading.created("r-1", pending: 5, at: .seconds(1)) == [.ask("r-1", count: StreamReading.batch)])
        return reading
    }

    @Test("messages come in order, and the end of what there was is reported once")
    func order() {
        var reading = reader()
        #expect(sequences(reading.received(Self.message(11, delivery: 1), at: .seconds(1))) == [11])
        #expect(reading.received(Self.message(12, delivery: 2, pending: 0), at: .seconds(1)).last == .caughtUp)
        #expect(sequences(reading.received(Self.message(13, delivery: 3, pending: 0), at: .seconds(1))) == [13])
        #expect(!reading.received(Self.message(14, delivery: 4, pending: 0), at: .seconds(1)).contains(.caughtUp))
    }

    @Test("what retention has dropped is a gap")
    func gap() {
        var reading = reader()
        let actions = reading.received(Self.message(21, delivery: 1), at: .seconds(1))
        #expect(actions.first == .gap(11...20))
        #expect(sequences(actions) == [21])
    }

    @Test("after a missing message another consumer begins after the last one that came")
    func missing() {
        var reading = reader()
        _ = reading.received(Self.message(11, delivery: 1), at: .seconds(1))
        #expect(reading.received(Self.message(13, delivery: 3), at: .seconds(1)) == [])
        #expect(reading.received(Self.message(14, delivery: 4), at: .seconds(1)) == [], "of the old consumer")
        #expect(reading.turn(at: .seconds(2)) == [.create("r-2", from: .sequence(12))])
        _ = reading.created("r-2", pending: 3, at: .seconds(2))
        #expect(reading.received(Self.message(15, delivery: 5), at: .seconds(2)) == [], "of the old consumer")
        #expect(sequences(reading.received(Self.message(12, delivery: 1, "r-2"), at: .seconds(2))) == [12])
    }

    @Test("a consumer that is silent or gone is left", arguments: [409, 503])
    func gone(status: Int) {
        var reading = reader()
        #expect(reading.received(Self.status(status), at: .seconds(2)) == [])
        #expect(reading.turn(at: .seconds(3)) == [.create("r-2", from: .sequence(11))])
        _ = reading.created("r-2", pending: 0, at: .seconds(3))
        for second in 4...20 {
            #expect(reading.received(Self.status(100), at: .seconds(second)) == [], "it lives")
            #expect(reading.turn(at: .seconds(second)) == [])
        }
        #expect(reading.turn(at: .seconds(26)) == [])
        #expect(reading.turn(at: .seconds(27)) == [.create("r-3", from: .sequence(11))])
    }

    @Test("a request that has ended is made again")
    func expired() {
        var reading = reader()
        #expect(reading.received(Self.status(408), at: .seconds(2)) == [.ask("r-1", count: StreamReading.batch)])
    }

    @Test("the next messages are asked for before the last ones have come")
    func flow() {
        var reading = reader()
        var (asked, came) = (StreamReading.batch, 0)
        for count in 1...UInt64(5000) {
            let actions = reading.received(Self.message(10 + count, delivery: count), at: .seconds(1))
            came += 1
            for case .ask(_, let count) in actions { asked += count }
            #expect(asked > came && asked - came <= StreamReading.batch + 1)
        }
    }

    @Test("a consumer that cannot be made is made later")
    func refused() {
        var reading = StreamReading(name: "r", watching: ["a.>"])
        #expect(reading.turn(at: .zero) == [.create("r-1", from: .lastOfEach(["a.>"]))])
        #expect(reading.created("r-1", pending: nil, at: .seconds(1)) == [])
        #expect(reading.turn(at: .seconds(2)) == [.create("r-2", from: .lastOfEach(["a.>"]))])
        #expect(reading.created("r-2", pending: 0, at: .seconds(2)).first == .caughtUp)
    }

    @Test("a reply with a domain names the same place")
    func domain() {
        let place = DeliveryPlace(reply: "$JS.ACK.hub.ACCOUNT.WATCHWORD.c.1.7.3.1795897024746271473.2.x")
        #expect(place?.consumer == "c" && place?.sequence == 7 && place?.delivery == 3 && place?.pending == 2)
        #expect(DeliveryPlace(reply: "$JS.ACK.a.b") == nil)
        #expect(DeliveryPlace(reply: nil) == nil)
    }
}
