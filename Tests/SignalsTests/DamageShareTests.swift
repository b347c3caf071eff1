import Signals
import Testing

@Suite struct DamageShareTests {
    @Test func oneFaultIsNoDamageAndFaultsInAQuarterOfTheTimeAre() {
        var share = DamageShare()
        share.advance(faults: 25, over: 0.5)
        // The share at which `damaged` begins.
        #expect(share.value > 0 && share.value < 0.25)
        for step in 1...60 { share.advance(faults: 25 + (step + 1) / 2, over: 0.5) }
        #expect(share.value > 0.4 && share.value < 0.6)
        for _ in 0..<60 { share.advance(faults: 55, over: 0.5) }
        #expect(share.value < 0.01)
    }

    /// On any grid: one fault is no damage, and seconds full of them are.
    @Test(arguments: [0.1, 0.5, 4])
    func aFaultStandsForHalfASecond(step: Double) {
        var share = DamageShare()
        func most(faults: Int, until end: Double) -> Double {
            var most = 0.0
            for _ in 0..<Int(end / step) {
                share.advance(faults: faults, over: step)
                most = max(most, share.value)
            }
            return most
        }
        #expect(most(faults: 1, until: 12) < 0.25)
        #expect(share.value < 0.01)
        share.advance(faults: 20, over: 4)
        #expect(share.value > 0.8)
    }

    @Test func whatWasForgivenDoesNotCount() {
        var share = DamageShare()
        share.forgive(faults: 30)
        share.advance(faults: 30, over: 1)
        #expect(share.value == 0)
    }
}
