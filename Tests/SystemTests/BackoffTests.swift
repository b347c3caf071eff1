import System
import Testing

@Suite struct BackoffTests {
    @Test func doublesUpToTheCap() {
        var backoff = Backoff()
        let waits = (0..<8).map { _ in backoff.next { $0.upperBound } }
        #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30].map { Duration.seconds($0) })
        backoff.reset()
        #expect(backoff.next { $0.upperBound } == .seconds(1))
    }

    @Test func jitterShortensTheWaitByUpToHalf() {
        var backoff = Backoff(initial: .seconds(4), cap: .seconds(6))
        #expect(backoff.next { $0.lowerBound } == .seconds(2))
        #expect(backoff.next { $0.lowerBound } == .seconds(3))
        for _ in 0..<100 {
            let wait = backoff.next()
            #expect(wait >= .seconds(3) && wait <= .seconds(6))
        }
    }

    @Test func neverOverflows() {
        var backoff = Backoff(initial: .milliseconds(1), cap: .seconds(3600))
        for _ in 0..<10_000 { #expect(backoff.next() <= .seconds(3600)) }
    }
}
