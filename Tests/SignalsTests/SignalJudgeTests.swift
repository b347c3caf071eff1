import Frames
import Signals
import Testing

@Suite struct SignalJudgeTests {
    /// A picture of a working camera by day.
    private static var good: PictureMeasures {
        var measures = PictureMeasures()
        (measures.light, measures.contrast, measures.colour, measures.noise) = (200, 120, 20, 1)
        measures.likeness = 1
        return measures
    }

    private func present(_ judge: inout SignalJudge, _ change: (inout PictureMeasures) -> Void) -> [Signal] {
        var measures = Self.good
        change(&measures)
        let scores = judge.scores(of: measures)
        return Signal.allCases.filter { scores[$0] >= 0.5 }
    }

    private func present(_ change: (inout PictureMeasures) -> Void) -> [Signal] {
        var judge = SignalJudge()
        return present(&judge, change)
    }

    @Test func aGoodPictureShowsNoSignal() {
        var judge = SignalJudge()
        for _ in 0..<20 {
            let scores = judge.scores(of: Self.good)
            for signal in Signal.allCases { #expect(scores[signal] < 0.1, "\(signal)") }
        }
    }

    @Test func eachMeasureHasItsSignal() {
        #expect(present { ($0.contrast, $0.colour) = (2, 1) } == [.blank])
        #expect(present { $0.noise = 9 } == [.noise])
        #expect(present { $0.light = 15 } == [.dark])
        #expect(present { $0.unchanged = 0.95 } == [.frozen])
        #expect(present { $0.damage = 0.3 } == [.damaged])
    }

    @Test(arguments: CameraTrouble.allCases)
    func eachTroubleOfTheCameraHasItsSignal(trouble: CameraTrouble) throws {
        let found = present { $0.camera[trouble] = 1 }
        let signal = try #require(found.first)
        #expect(found.count == 1)
        let others = CameraTrouble.allCases.filter { $0 != trouble }.flatMap { other in present { $0.camera[other] = 1 }
        }
        #expect(!others.contains(signal))
    }

    /// The lanes that hold the scores are as many as the signals.
    @Test func eachSignalHasItsOwnScore() {
        for signal in Signal.allCases {
            var scores = SignalScores()
            scores[signal] = 1
            #expect(Signal.allCases.filter { scores[$0] > 0 } == [signal])
        }
    }

    @Test func aBlankPictureIsNeitherFrozenNorDark() {
        #expect(present { ($0.contrast, $0.colour, $0.light, $0.unchanged) = (1, 0, 3, 1) } == [.blank])
    }

    @Test func coloursOfOneLumaAreNotBlank() { #expect(present { ($0.contrast, $0.colour) = (1, 40) } == []) }

    @Test func onlyACameraThatHadColoursSwitchesToInfrared() {
        var judge = SignalJudge()
        for _ in 0..<50 { #expect(present(&judge) { $0.colour = 0 } == []) }
        for _ in 0..<8 { #expect(present(&judge) { _ in } == []) }
        #expect(present(&judge) { $0.colour = 0 } == [.infrared])
        // Colours come back, and go again.
        #expect(present(&judge) { _ in } == [])
        #expect(present(&judge) { $0.colour = 0.5 } == [.infrared])
    }

    /// The camera turns to a wall, and back.
    @Test func coloursThatGoWithTheViewAreNoInfrared() {
        var judge = SignalJudge()
        for _ in 0..<8 { _ = present(&judge) { _ in } }
        for _ in 0..<8 { #expect(present(&judge) { ($0.colour, $0.likeness) = (0, 0.1) } == []) }
        #expect(present(&judge) { _ in } == [])
        #expect(present(&judge) { ($0.colour, $0.likeness) = (0, 0.6) } == [.infrared])
        // It goes on while the camera turns.
        #expect(present(&judge) { ($0.colour, $0.likeness) = (0, 0.1) } == [.infrared])
    }

    /// A cloth of one colour is known to cover the lens a picture or two later. By night a cover changes nothing.
    @Test func coloursThatACoverTakesAreNoInfrared() {
        var judge = SignalJudge()
        for _ in 0..<8 { _ = present(&judge) { _ in } }
        #expect(present(&judge) { $0.colour = 0 } == [.infrared])
        for _ in 0..<8 { #expect(present(&judge) { ($0.colour, $0.camera[.covered]) = (0, 1) } == [.covered]) }
        #expect(present(&judge) { _ in } == [])
        for _ in 0..<8 { #expect(present(&judge) { $0.colour = 0 } == [.infrared]) }
        #expect(present(&judge) { ($0.colour, $0.camera[.covered]) = (0, 1) } == [.infrared, .covered])
    }

    @Test func coloursThatGoWithTheLightAreNoInfrared() {
        var judge = SignalJudge()
        for _ in 0..<8 { _ = present(&judge) { _ in } }
        #expect(present(&judge) { ($0.colour, $0.light) = (0, 40) } == [])
    }

    @Test func coloursOfNoiseAreNone() {
        var judge = SignalJudge()
        for _ in 0..<20 { #expect(present(&judge) { $0.noise = 9 } == [.noise]) }
        #expect(present(&judge) { $0.colour = 0 } == [])
    }

    /// A film, or a sequence of cameras, one of which has no colours.
    @Test func coloursThatGoWithACutAreNoInfrared() {
        var judge = SignalJudge()
        for _ in 0..<8 { _ = present(&judge) { _ in } }
        #expect(present(&judge) { ($0.colour, $0.camera.isCut) = (0, true) } == [])
        for _ in 0..<8 { #expect(present(&judge) { $0.colour = 0 } == []) }
    }

    /// Where no picture is like the one before, that it is not so without colours either says nothing. Faint colours may go
    /// with what passes.
    @Test(arguments: [(20, [Signal.infrared]), (5, [])] as [(Float, [Signal])])
    func amongThingsThatPassPlainColoursThatGoAreInfrared(colour: Float, expected: [Signal]) {
        var judge = SignalJudge()
        for _ in 0..<9 { #expect(present(&judge) { ($0.colour, $0.likeness) = (colour, 0.05) } == []) }
        #expect(present(&judge) { ($0.colour, $0.likeness) = (0, 0) } == expected)
    }

    @Test func labelsNameTheirSignals() {
        #expect(Signal(label: "signal:frozen") == .frozen)
        #expect(Signal(label: "signal:frosen") == nil)
        #expect(Signal(label: "frozen") == nil)
        for signal in Signal.allCases { #expect(Signal(label: signal.label) == signal) }
    }
}
