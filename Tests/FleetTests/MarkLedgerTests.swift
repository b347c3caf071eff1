import Testing

@testable import Fleet

@Suite("The marks of the fleet's receivers")
struct MarkLedgerTests {
    private func mark(_ seq: UInt64) -> FleetMark { FleetMark(feedID: "f", seq: seq) }

    @Test("a mark is written over the last one, at most once a second, and the newest takes the place of the others")
    func order() {
        var ledger = MarkLedger()
        ledger.saw("mqtt", mark(5), revision: 12)
        ledger.want(mark(6), of: "mqtt")
        ledger.want(mark(7), of: "mqtt")
        let first = ledger.due(at: .seconds(1))
        #expect(first.map(\.receiver) == ["mqtt"] && first.first?.mark == mark(7) && first.first?.after == 12)
        ledger.want(mark(8), of: "mqtt")
        #expect(ledger.due(at: .seconds(5)).isEmpty, "one is under way")
        ledger.wrote("mqtt", .stored(sequence: 13))
        #expect(ledger.marks["mqtt"] == mark(7))
        #expect(ledger.due(at: .seconds(1.5)).isEmpty)
        let second = ledger.due(at: .seconds(2))
        #expect(second.first?.mark == mark(8) && second.first?.after == 13)
        #expect(!ledger.isIdle)
        ledger.wrote("mqtt", .stored(sequence: 14))
        #expect(ledger.isIdle && ledger.marks["mqtt"] == mark(8))
    }

    @Test("a mark whose fate is unknown is written again, unless a newer one is wanted")
    func doubt() {
        var ledger = MarkLedger()
        ledger.want(mark(1), of: "webhook-a")
        #expect(ledger.due(at: .zero).count == 1)
        ledger.interrupt()
        #expect(ledger.due(at: .seconds(1)).first?.mark == mark(1))
        ledger.want(mark(2), of: "webhook-a")
        ledger.wrote("webhook-a", .unknown("lost"))
        #expect(ledger.due(at: .seconds(2)).first?.mark == mark(2))
    }

    @Test("a host that has lost the deliveries sets no mark back")
    func lost() {
        var ledger = MarkLedger()
        ledger.saw("mqtt", mark(5), revision: 12)
        ledger.want(mark(6), of: "mqtt")
        #expect(ledger.due(at: .zero).count == 1)
        ledger.want(mark(7), of: "mqtt")
        // The next host's mark, which the engine's answer to this host's writing follows.
        ledger.saw("mqtt", mark(9), revision: 14)
        ledger.drop()
        ledger.wrote("mqtt", .wrongSequence)
        #expect(ledger.due(at: .seconds(9)).isEmpty && ledger.isIdle && ledger.marks["mqtt"] == mark(9))
    }

    @Test("after the engine has lost the marks they hold, and are written anew")
    func forgotten() {
        var ledger = MarkLedger()
        ledger.saw("mqtt", mark(5), revision: 1871)
        ledger.forgetRevisions()
        #expect(ledger.marks["mqtt"] == mark(5))
        ledger.want(mark(6), of: "mqtt")
        #expect(ledger.due(at: .zero).first?.after == 0)
        ledger.wrote("mqtt", .stored(sequence: 3))
        #expect(ledger.marks["mqtt"] == mark(6))
    }

    @Test("a receiver that there is no more loses its mark")
    func removal() {
        var ledger = MarkLedger()
        ledger.saw("webhook-a", mark(5), revision: 3)
        ledger.want(nil, of: "webhook-a")
        let due = ledger.due(at: .zero)
        #expect(due.count == 1 && due.first?.mark == nil && due.first?.after == 3)
        ledger.wrote("webhook-a", .stored(sequence: 4))
        #expect(ledger.marks.isEmpty)
    }
}
