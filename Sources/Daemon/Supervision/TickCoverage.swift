import Text

/// How many of the sampling grid's ticks get a picture of their own. Pure.
///
/// A source that is slower than the grid shows the model the same picture several times: what is short is not seen.
struct TickCoverage: Sendable {
    /// This many ticks are looked at.
    private static let length = 20
    /// The share below which it is a concern, and the share from which it is none any more.
    private static let least = 0.7
    private static let enough = 0.85

    private let interval: Double
    private var pictures = 0.0
    private var ticks = 0.0
    private var isSparse = false

    /// - Parameter interval: seconds between two ticks.
    init(interval: Double) { self.interval = interval }

    /// Takes the next picture.
    ///
    /// - Parameter count: the ticks that it stands for.
    /// - Returns: the concern; nil if the source is fast enough.
    mutating func take(ticks count: Int) -> String? {
        pictures += 1
        ticks += Double(count)
        guard ticks >= Double(Self.length) else { return concern }
        let share = pictures / ticks
        isSparse = share < (isSparse ? Self.enough : Self.least)
        // Half of the past counts on.
        (pictures, ticks) = (pictures / 2, ticks / 2)
        return concern
    }

    private var concern: String? {
        guard isSparse, ticks > 0 else { return nil }
        let rate = { (value: Double) in "\((value * 10).rounded() / 10)" }
        return "it sends \(rate(pictures / ticks / interval)) pictures a second, and the window asks for "
            + "\(rate(1 / interval)); raise the camera's rate or lengthen the window"
    }
}
