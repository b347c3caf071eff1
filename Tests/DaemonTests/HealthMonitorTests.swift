import Events
import Testing

@testable import Daemon
@testable import System

@Suite struct HealthMonitorTests {
    @Test func aSourceThatWasNeverThereIsOfflineAtOnceAndSaidOnce() {
        var health = HealthMonitor(patience: .seconds(10))
        let first = health.trouble("refused", at: .seconds(1))
        #expect(first == .init(state: .offline, reason: "refused", since: .seconds(1)))
        #expect(health.trouble("refused", at: .seconds(2)) == nil)
        #expect(health.patienceLeft(at: .seconds(3)) == nil)
        #expect(health.picture(at: .seconds(4))?.state == .online)
    }

    @Test func anotherReasonIsSaidWhileTheStateStays() {
        var health = HealthMonitor(patience: .seconds(10))
        _ = health.trouble("refused", at: .seconds(1))
        #expect(
            health.trouble("wrong password", at: .seconds(5))
                == .init(state: .offline, reason: "wrong password", since: .seconds(1))
        )
        #expect(health.trouble("wrong password", at: .seconds(6)) == nil)
    }

    @Test func aFrozenPictureIsDegradedOnceAndOnlineAgain() {
        var health = HealthMonitor(patience: .seconds(10))
        _ = health.picture(at: .seconds(1))
        let frozen = health.picture(at: .seconds(61), frozen: .seconds(60))
        #expect(frozen?.state == .degraded)
        #expect(frozen?.reason?.contains("frozen") == true)
        #expect(health.picture(at: .seconds(62), frozen: .seconds(60)) == nil)
        #expect(health.picture(at: .seconds(63)) == .init(state: .online, reason: nil, since: .seconds(63)))
    }

    @Test func troubleIsDegradedUntilPatienceEnds() {
        var health = HealthMonitor(patience: .seconds(10))
        #expect(health.picture(at: .seconds(5))?.state == .online)
        #expect(health.picture(at: .seconds(6)) == nil)
        #expect(health.trouble("broken", at: .seconds(7))?.state == .degraded)
        #expect(health.patienceLeft(at: .seconds(9)) == .seconds(7))
        #expect(health.trouble("broken", at: .seconds(15)) == nil)
        #expect(
            health.trouble("refused", at: .seconds(16))
                == .init(state: .offline, reason: "refused", since: .seconds(16))
        )
        #expect(health.trouble("refused", at: .seconds(60)) == nil)
        #expect(health.picture(at: .seconds(61))?.state == .online)
    }
}
