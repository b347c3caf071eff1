import Foundation

/// The share of the last seconds in which a decoder reported damage, older ones weighing less. Pure.
package struct DamageShare: Sendable {
    /// The seconds in which the weight falls to 1/e. Damage is seen until the next key frame, which is a second or two.
    private static let memory = 2.0
    /// The seconds that a fault stands for. Those of faults that come together overlap.
    private static let reach = 0.5

    package private(set) var value = 0.0
    private var faults = 0
    /// The seconds that the faults so far stand for and that have not passed yet.
    private var pending = 0.0

    package init() {}

    /// Takes the time since the last call.
    ///
    /// - Parameters:
    ///   - faults: all that the decoder has reported so far.
    ///   - seconds: the time that has passed.
    package mutating func advance(faults: Int, over seconds: Double) {
        let seconds = max(0, seconds)
        pending = min(pending + Double(max(0, faults - self.faults)) * Self.reach, seconds + Self.reach)
        self.faults = faults
        let damaged = min(seconds, pending)
        pending -= damaged
        value *= exp(-(seconds - damaged) / Self.memory)
        value += (1 - value) * (1 - exp(-damaged / Self.memory))
    }

    /// Leaves out the faults so far: a stream that is joined between two key frames begins with some.
    package mutating func forgive(faults: Int) { self.faults = faults }
}
