import Foundation

/// How long a label's lead has had which value. What is `halfLife` ago counts half. Takes the same memory however long it is,
/// and allocates nothing after it is made.
struct LeadDistribution: Sendable {
    static let range = -24.0...24.0
    /// The width of a bin, in logits.
    private static let width = 0.125
    static let halfLife = Duration.seconds(3 * 86_400)

    /// Seconds, in units that grow: a growing weight of what is new is the same as a falling one of what is old.
    private var bins: [Double]
    private var total = 0.0
    private var unit = 1.0

    init() {
        let count = Int((Self.range.upperBound - Self.range.lowerBound) / Self.width)
        bins = [Double](repeating: 0, count: count)
    }

    /// The time that was watched, less what has been forgotten of it.
    var watched: Duration { .seconds(total / unit) }

    mutating func add(_ lead: Double, for time: Duration) {
        let seconds = time / .seconds(1)
        unit *= exp2(time / Self.halfLife)
        let position =
            (min(max(lead, Self.range.lowerBound), Self.range.upperBound) - Self.range.lowerBound) / Self.width
        bins[min(Int(position), bins.count - 1)] += seconds * unit
        total += seconds * unit
        guard unit > 1e9 else { return }
        for bin in bins.indices { bins[bin] /= unit }
        total /= unit
        unit = 1
    }

    /// The lead that is not exceeded for this share of the time; nil if nothing was watched.
    func quantile(_ share: Double) -> Double? {
        guard total > 0 else { return nil }
        var below = 0.0
        for (bin, time) in bins.enumerated() where time > 0 {
            if below + time >= share * total {
                let part = min(max((share * total - below) / time, 0), 1)
                return Self.range.lowerBound + (Double(bin) + part) * Self.width
            }
            below += time
        }
        return Self.range.upperBound
    }
}
