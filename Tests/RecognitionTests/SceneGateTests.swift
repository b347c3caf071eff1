import Testing

@testable import Recognition
@testable import System

@Suite struct SceneGateTests {
    private let side = 64

    private func gate(threshold: Double = 2, refresh: Duration = .seconds(30)) -> SceneGate {
        SceneGate(settings: .init(threshold: threshold, refresh: refresh), width: side, height: side)
    }

    /// A grey picture with seeded noise of `noise` levels on every byte, and a corner square that is brighter by
    /// `levels`.
    private func picture(level: Int = 100, noise: Int = 0, square: Int = 0, levels: Int = 0, seed: UInt64 = 1)
        -> [UInt8]
    {
        var state = seed
        return (0..<side * side * 3).map { index in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let random = noise == 0 ? 0 : Int(state >> 33) % (2 * noise + 1) - noise
            let (x, y) = (index / 3 % side, index / 3 / side)
            return UInt8(clamping: level + random + (x < square && y < square ? levels : 0))
        }
    }

    private func judge(_ gate: inout SceneGate, _ picture: [UInt8], at seconds: Double) -> SceneGate.Verdict {
        picture.withUnsafeBufferPointer { picture in
            guard let base = picture.baseAddress else { return .changed }
            return gate.judge(base, at: .seconds(seconds))
        }
    }

    private func remember(_ gate: inout SceneGate, _ picture: [UInt8], at seconds: Double) {
        picture.withUnsafeBufferPointer { picture in
            guard let base = picture.baseAddress else { return }
            gate.remember(base, at: .seconds(seconds))
        }
    }

    @Test func firstFrameIsNewAndSoIsTheFirstAfterClear() {
        var gate = gate()
        #expect(judge(&gate, picture(), at: 0) == .changed)
        remember(&gate, picture(), at: 0)
        #expect(judge(&gate, picture(), at: 1) == .identical)
        gate.clear()
        #expect(judge(&gate, picture(), at: 2) == .changed)
    }

    @Test func sensorNoiseIsNothingNew() {
        var gate = gate()
        remember(&gate, picture(noise: 8, seed: 1), at: 0)
        for seed in 2..<20 as Range<UInt64> { #expect(judge(&gate, picture(noise: 8, seed: seed), at: 1) == .still) }
    }

    /// The mean over the picture would be 0.4 levels, but the largest block difference counts.
    @Test func smallActorInALargeStillSceneIsNew() {
        var gate = gate()
        remember(&gate, picture(noise: 4, seed: 1), at: 0)
        #expect(judge(&gate, picture(noise: 4, square: 8, levels: 25, seed: 2), at: 1) == .changed)
    }

    /// Compared with the frame before it, every step would be still.
    @Test func slowChangeAddsUpUntilItIsDetected() {
        var gate = gate()
        remember(&gate, picture(level: 100), at: 0)
        #expect(judge(&gate, picture(level: 101), at: 1) == .still)
        #expect(judge(&gate, picture(level: 102), at: 2) == .still)
        #expect(judge(&gate, picture(level: 103), at: 3) == .changed)
    }

    @Test func stillSceneIsEncodedAtTheRefresh() {
        var gate = gate(refresh: .seconds(30))
        remember(&gate, picture(level: 100), at: 0)
        #expect(judge(&gate, picture(level: 101), at: 29) == .still)
        #expect(judge(&gate, picture(level: 101), at: 30) == .due)
        #expect(judge(&gate, picture(level: 100), at: 31) == .identical)
    }

    @Test func anotherSceneOrALightSwitchIsACut() {
        var gate = gate()
        remember(&gate, picture(level: 100), at: 0)
        #expect(judge(&gate, picture(level: 140), at: 1) == .cut)
        #expect(judge(&gate, picture(square: 16, levels: 100), at: 1) == .changed)
    }

    @Test func thresholdZeroPassesEverythingExceptEqualBytes() {
        var gate = gate(threshold: 0)
        remember(&gate, picture(level: 100), at: 0)
        #expect(judge(&gate, picture(level: 101), at: 1) == .changed)
        #expect(judge(&gate, picture(level: 100), at: 1) == .identical)
    }
}
