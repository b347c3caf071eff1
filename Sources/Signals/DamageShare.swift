import Foundation

/// The share of the last seconds in which a decoder reported damage, older ones weighing less. Pure.
package struct DamageShare: Sendable {
    /// The seconds in which the weight falls to 1/e.
    private static let memory = 6.0

    package private(set) var value = 0.0
    private var faults = 0

    package init() {}

    /// Takes the time since the last call.
    ///
    /// - Parameters:
    ///   - faults: all that the decoder has reported so far.
    ///   - seconds: the time that has passed.
    package mutating func advance(faults: Int, over seconds: Double) {
        let isDamaged = faults > self.faults
        self.faults = faults
        value += ((isDamaged ? 1 : 0) - value) * (1 - exp(-max(0, seconds) / Self.memory))
    }

    /// Leaves out the faults so far: a stream that is joined between two key frames begins with some.
    package mutating func forgive(faults: Int) { self.faults = faults }
}
