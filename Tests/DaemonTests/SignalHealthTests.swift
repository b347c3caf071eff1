import Frames
import Signals
import Testing

@testable import Daemon
@testable import System

@Suite struct SignalHealthTests {
    private static func picture(_ change: (inout PictureMeasures) -> Void = { _ in }) -> PictureMeasures {
        var measures = PictureMeasures()
        (measures.light, measures.contrast, measures.colour, measures.noise) = (200, 120, 20, 1)
        // It shows the same edges as the picture before.
        measures.likeness = 1
        change(&measures)
        return measures
    }

    @Test func aFrozenPictureIsReportedAfterItsTimeAndFreedByChange() {
        var health = SignalHealth(frozenAfter: .seconds(10))
        let frozen = Self.picture { $0.unchanged = 0.97 }
        #expect(health.observe(frozen, at: .seconds(100)) == nil)
        #expect(health.observe(frozen, at: .seconds(109)) == nil)
        let concern = health.observe(frozen, at: .seconds(110))
        #expect(concern == "the picture is frozen: most of it has not changed for 10s")
        #expect(health.observe(Self.picture(), at: .seconds(111)) == concern)
        #expect(health.observe(Self.picture(), at: .seconds(114)) == nil)
        // The time counts anew.
        #expect(health.observe(frozen, at: .seconds(115)) == nil)
        #expect(health.observe(Self.picture(), at: .seconds(116)) == nil)
        #expect(health.observe(frozen, at: .seconds(124)) == nil)
        #expect(health.observe(frozen, at: .seconds(133)) == nil)
    }

    @Test func zeroNeverReportsAFrozenPicture() {
        var health = SignalHealth(frozenAfter: .zero)
        let frozen = Self.picture { $0.unchanged = 1 }
        for second in [0, 100, 100_000] { #expect(health.observe(frozen, at: .seconds(second)) == nil) }
    }

    @Test func everyFaultThatLastsIsReportedAndInfraredIsNone() {
        let faults: [(String, PictureMeasures)] = [
            ("the picture is damaged", Self.picture { $0.damage = 1 }),
            ("the picture is blank", Self.picture { ($0.contrast, $0.colour) = (0, 0) }),
            ("the picture is drowned in noise", Self.picture { $0.noise = 20 }),
            ("the picture is too dark", Self.picture { $0.light = 5 }),
        ]
        for (words, measures) in faults {
            var health = SignalHealth(frozenAfter: .seconds(60))
            #expect(health.observe(measures, at: .zero) == nil)
            #expect(health.observe(measures, at: SignalHealth.patience)?.hasPrefix(words) == true, "\(words)")
        }
        var health = SignalHealth(frozenAfter: .seconds(60))
        for second in 0..<20 { _ = health.observe(Self.picture(), at: .seconds(second)) }
        for second in 20..<200 {
            #expect(health.observe(Self.picture { $0.colour = 0 }, at: .seconds(second)) == nil)
        }
        #expect(health.scores[.infrared] == 1)
    }

    @Test func aPoorLineHasGoodMoments() {
        var health = SignalHealth(frozenAfter: .zero)
        var concern: String?
        for second in 0..<60 {
            concern = health.observe(Self.picture { $0.damage = second % 8 < 4 ? 0.6 : 0 }, at: .seconds(second))
            #expect(concern == nil || second >= 30)
        }
        #expect(concern?.hasPrefix("the picture is damaged") == true)
        // The score falls to the release of 0.3 in seven seconds, and has to stay below it for three.
        for second in 60..<75 { concern = health.observe(Self.picture(), at: .seconds(second)) }
        #expect(concern == nil)
    }

    @Test func anotherConnectionBeginsTheTimeAnew() {
        var health = SignalHealth(frozenAfter: .zero)
        let blank = Self.picture { ($0.contrast, $0.colour) = (0, 0) }
        #expect(health.observe(blank, at: .zero) == nil)
        health.interrupt()
        #expect(health.observe(blank, at: .seconds(31)) == nil)
        #expect(health.observe(blank, at: .seconds(62)) != nil)
    }
}
