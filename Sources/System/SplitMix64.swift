/// Vigna's SplitMix64: random numbers that are the same for the same seed, on every machine. No secret may depend on them.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    /// The seed that brings back what follows.
    package private(set) var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
