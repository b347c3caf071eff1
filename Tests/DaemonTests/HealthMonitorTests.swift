import Events
import Testing

@testable import Daemon
@testable import System

@Suite struct HealthMonitorTests {
    @Test func aSourceThatWasNeverThereIsOfflineAtOnceAndSaidOnce() {
        var health = HealthMonitor(patience: .seconds(10))
        let first = health.trouble("refused", at: .seconds(1))
        #expect(first.report == .init(state: .offline, reason: "refused", since: .seconds(1)))
        #expect(health.trouble("refused", at: .seconds(2)) == .init())
        #expect(health.patienceLeft(at: .seconds(3)) == nil)
        #expect(health.picture(at: .seconds(4)).report?.state == .online)
    }

    @Test func anotherReasonIsSaidWhileTheStateStays() {
        var health = HealthMonitor(patience: .seconds(10))
        _ = health.trouble("refused", at: .seconds(1))
        let second = health.trouble("wrong password", at: .seconds(5))
        #expect(second == .init(report: .init(state: .offline, reason: "wrong password", since: .seconds(1))))
        #expect(health.trouble("wrong password", at: .seconds(6)) == .init())
    }

    @Test func aConcernIsDegradedOnceAndOnlineAgain() {
        var health = HealthMonitor(patience: .seconds(10))
        _ = health.picture(at: .seconds(1))
        let frozen = health.picture(at: .seconds(61), concern: "frozen")
        #expect(frozen.report == .init(state: .degraded, reason: "frozen", since: .seconds(61)))
        #expect(health.picture(at: .seconds(62), concern: "frozen") == .init())
        #expect(
            health.picture(at: .seconds(63)).report == .init(state: .online, reason: nil, since: .seconds(63))
        )
    }

    @Test func troubleIsDegradedUntilPatienceEnds() {
        var health = HealthMonitor(patience: .seconds(10))
        #expect(health.picture(at: .seconds(5)).report?.state == .online)
        #expect(health.picture(at: .seconds(6)) == .init())
        #expect(health.trouble("broken", at: .seconds(7)).report?.state == .degraded)
        #expect(health.patienceLeft(at: .seconds(9)) == .seconds(7))
        #expect(health.patienceLeft(at: .milliseconds(9227)) == .milliseconds(6700))
        #expect(health.trouble("broken", at: .seconds(15)) == .init())
        let lost = health.trouble("refused", at: .seconds(16))
        #expect(lost.report == .init(state: .offline, reason: "refused", since: .seconds(16)))
        #expect(lost.isLoss)
        #expect(health.trouble("refused", at: .seconds(60)) == .init())
        #expect(health.picture(at: .seconds(61)).report?.state == .online)
    }

    /// A camera whose connection lives for two seconds, all day: fewer than 1,500 records, and none of them is out of date.
    @Test func aDayOfFlappingIsFewRecords() {
        var health = HealthMonitor(patience: .seconds(10))
        var reports: [HealthMonitor.Report] = []
        var changes = 0
        for second in 0..<86_400 {
            let time = Duration.seconds(second)
            let isUp = second % 4 < 2
            let outcome = isUp ? health.picture(at: time) : health.trouble("the source ended", at: time)
            if second % 2 == 0 { changes += 1 }
            guard let report = outcome.report else { continue }
            reports.append(report)
            #expect(report.state == (isUp ? .online : .degraded))
        }
        #expect(changes == 43_200)
        #expect(reports.count < 1500)
        #expect(reports.count > 1400)
        // A minute is thirty changes.
        let counted = reports.dropFirst(HealthMonitor.reportsAtOnce + 2).allSatisfy { report in
            report.reason.map { $0.contains("changed 30 times in") || $0.contains("changed 31 times in") } ?? false
        }
        #expect(counted, "\(reports.suffix(3))")
    }

    /// Open events end when the source is lost, however many reports are held back.
    @Test func eachLossEndsTheEvents() {
        var health = HealthMonitor(patience: .seconds(1))
        var (losses, reports) = (0, 0)
        for turn in 0..<100 {
            let start = Duration.seconds(turn * 4)
            for outcome in [
                health.picture(at: start), health.trouble("gone", at: start + .milliseconds(500)),
                health.trouble("gone", at: start + .seconds(2)),
            ] {
                if outcome.isLoss { losses += 1 }
                if outcome.report != nil { reports += 1 }
            }
        }
        #expect(losses == 100)
        // At once, and one a minute of the seven.
        #expect(reports <= HealthMonitor.reportsAtOnce + 7)
    }
}
