/// Spreads the sampled pictures of a live source that sends in bursts, such as HLS segments. Pure; times are in seconds.
///
/// The packets of a burst wait encoded, and its pictures are handed out at little more than their own pace. So the
/// inference thread gets them one after the other, and the source is level again before its next burst.
package struct BurstPacer: Sendable, Equatable {
    /// How fast a burst is played, and how fast if it lies further back than `longestLag`.
    package static let speed = 1.25
    package static let catchUpSpeed = 2.0
    package static let longestLag = 12.0

    private let interval: Double
    private var last: Double?

    /// - Parameter interval: seconds between two ticks of the sampling grid.
    package init(interval: Double) { self.interval = interval }

    /// When the next sampled picture may be handed out, on the clock of `now`.
    ///
    /// - Parameters:
    ///   - ticks: the ticks that it stands for.
    ///   - arrival: when it arrived.
    ///   - now: the current time.
    package func due(ticks: Int, arrival: Double, now: Double) -> Double {
        guard let last else { return now }
        let speed = now - arrival > Self.longestLag ? Self.catchUpSpeed : Self.speed
        return last + Double(ticks) * interval / speed
    }

    /// A picture was handed out.
    package mutating func handedOut(at now: Double) { last = now }
}
