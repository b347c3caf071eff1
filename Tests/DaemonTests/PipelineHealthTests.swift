import Testing

@testable import Daemon
@testable import System

@Suite struct PipelineHealthTests {
    @Test func droppedPicturesAreComplainedOfWithARemedyAndOnlyThen() {
        var earlier = PipelineHealth()
        earlier.dropped = 10
        var now = earlier
        now.decisions = 500
        #expect(now.complaint(since: earlier, over: .seconds(60)) == nil)
        now.dropped = 17
        let complaint = now.complaint(since: earlier, over: .seconds(60))
        #expect(complaint?.hasPrefix("7 pictures dropped in 1m: ") == true)
    }

    /// A decision that takes longer than its window is reported once, instead of what was dropped for its sake.
    @Test func aMachineThatDoesNotCarryTheModelIsReportedOnce() {
        var earlier = PipelineHealth()
        earlier.window = .seconds(4)
        earlier.step = .milliseconds(3900)
        #expect(earlier.slowness == nil)
        var now = earlier
        now.step = .milliseconds(38_600)
        now.dropped = 175
        let complaint = now.complaint(since: earlier, over: .seconds(60))
        #expect(complaint?.hasPrefix("a decision takes 39s, and its window covers 4s: ") == true)
        #expect(now.line.hasSuffix("this machine does not carry this model; use a smaller one"))
        var later = now
        later.dropped += 100
        #expect(later.complaint(since: now, over: .seconds(60)) == nil)
        // It recovers, and what is dropped counts again.
        var recovered = later
        recovered.step = .seconds(1)
        recovered.dropped += 3
        #expect(recovered.complaint(since: later, over: .seconds(60))?.hasPrefix("3 pictures dropped") == true)
    }
}
