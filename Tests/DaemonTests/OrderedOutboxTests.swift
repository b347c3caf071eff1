import Testing

@testable import Daemon

@Suite struct OrderedOutboxTests {
    @Test func oneSenderAtATimeSendsAllInOrder() {
        var outbox = OrderedOutbox<Int>()
        let nothing = outbox.claim()
        #expect(!nothing)
        outbox.add(1)
        let first = outbox.claim()
        #expect(first)
        // Another thread adds one while the first is being sent.
        #expect(outbox.next() == 1)
        outbox.add(2)
        let second = outbox.claim()
        #expect(!second)
        #expect(outbox.next() == 2)
        #expect(outbox.next() == nil)
        outbox.add(3)
        let third = outbox.claim()
        #expect(third)
        outbox.removeAll()
        #expect(outbox.next() == nil)
    }
}
