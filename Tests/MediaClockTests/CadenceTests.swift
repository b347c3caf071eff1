import Testing

@testable import MediaClock

@Suite struct CadenceTests {
    /// The results for packets at these times.
    func answers(_ times: [Double?], live: Bool = false) -> [Bool] {
        var cadence = Cadence(frameDuration: 0.04, isLive: live)
        return times.map { cadence.isEven(at: $0) }
    }

    let even = (0..<100).map { Double($0) * 0.04 as Double? }

    @Test func evenRateIsEstablishedAfterEnoughPackets() {
        #expect(answers(even) == (0..<100).map { $0 >= Cadence.proof })
    }

    @Test func roundedTimesAreEven() {
        #expect(answers((0..<100).map { (Double($0) * 40.4).rounded() / 1000 }).last == true)
    }

    @Test func gapRulesAFileOutForGood() {
        #expect(!answers(even.map { $0 } + even.map { ($0 ?? 0) + 10 }).suffix(100).contains(true))
    }

    @Test func gapInALiveStreamIsForgiven() {
        let after = answers(even + even.map { ($0 ?? 0) + 10 }, live: true).suffix(100)
        #expect(after.first == false && after.last == true)
    }

    @Test func unknownTimesAreNotEven() {
        #expect(!answers(Array(repeating: nil, count: 100)).contains(true))
    }
}
