import Testing

@testable import EventFeed

@Suite struct RecordHistoryTests {
    @Test func keepsTheNewest() {
        var history = RecordHistory(capacity: 3)
        #expect(history.seqFirst == 1)
        #expect(history.seqLast == 0)
        #expect(history.read(from: 1, limit: 10).lines.isEmpty)
        for seq in 1...5 as ClosedRange<UInt64> { history.append(FeedLine(.sample(), seq: seq)) }
        #expect(history.seqFirst == 3)
        #expect(history.seqLast == 5)
        let all = history.read(from: 1, limit: 10)
        #expect(all.lost == 1...2)
        #expect(all.lines.map(\.seq) == [3, 4, 5])
        #expect(history.read(from: 3, limit: 2).lines.map(\.seq) == [3, 4])
        #expect(history.read(from: 3, limit: 2).lost == nil)
        #expect(history.read(from: 6, limit: 2).lines.isEmpty)
    }
}
