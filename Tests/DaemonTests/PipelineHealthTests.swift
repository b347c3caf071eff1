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
}
