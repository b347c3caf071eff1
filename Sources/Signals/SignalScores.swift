/// A score from 0 to 1 for each signal. It is 0.5 where the signal begins to be present.
package struct SignalScores: Sendable, Equatable {
    /// By the signals' order; lanes are left over.
    private var values = SIMD32<Double>.zero

    package init() {}

    package subscript(signal: Signal) -> Double {
        get { values[signal.lane] }
        set { values[signal.lane] = min(1, max(0, newValue)) }
    }
}

extension Signal {
    fileprivate var lane: Int {
        switch self {
        case .blank: 0
        case .frozen: 1
        case .damaged: 2
        case .noise: 3
        case .dark: 4
        case .infrared: 5
        case .day: 6
        case .panLeft: 7
        case .panRight: 8
        case .tiltUp: 9
        case .tiltDown: 10
        case .moved: 11
        case .shake: 12
        case .covered: 13
        case .defocus: 14
        case .lightsOut: 15
        case .lightsOn: 16
        case .flash: 17
        case .stopped: 18
        }
    }
}
