import XCLIP

/// The drift of a reuse level's scores from the published model's on one stream, estimated from its newest audits.
///
/// Within the band around a threshold, a score does not decide alone.
package struct DriftEstimate {
    /// What a stream reports of it.
    package struct Reading: Sendable, Equatable {
        /// The largest |Δscore| an audit has seen.
        package var largest = 0.0
        /// The band within which scores are confirmed, around a score of 0.5.
        package var band = 0.0
    }

    static let narrowestBand = 0.02
    static let widestBand = 0.3
    private static let kept = 64
    private static let enough = 8

    /// The newest audits, the oldest at `next` once there are `kept`.
    private var audits: [Double] = []
    /// The same in ascending order.
    private var sorted: [Double] = []
    private var next = 0
    private(set) var largest = 0.0
    /// The band around a score of 0.5, where a logit's drift moves a score most: the 95th percentile of the drift of the audited
    /// steps, between `narrowestBand` and `widestBand`.
    private(set) var band: Double

    init(reuse: ReuseLevel) {
        band = Self.assumedBand(of: reuse)
        audits.reserveCapacity(Self.kept)
        sorted.reserveCapacity(Self.kept)
    }

    package var reading: Reading { Reading(largest: largest, band: band) }

    /// The band in score before there are enough audits. It lies between the 99th and the 99.9th percentile of each
    /// level's measured drift on the embedded model (Benchmarks/RESULTS.md).
    static func assumedBand(of reuse: ReuseLevel) -> Double { reuse == .sweep ? 0.03 : 0.1 }

    /// The band around a value that decides.
    ///
    /// What drifts is the logit. It moves a score in proportion to s · (1 − s), the slope of the sigmoid and of the softmax, so
    /// the same drift moves a score of 0.94 a quarter as far as one of 0.5.
    func band(around edge: Double) -> Double { band * 4 * edge * (1 - edge) }

    /// Whether a score lies within the band around the value that decides.
    func isInBand(_ score: Double, around edge: Double) -> Bool { abs(score - edge) <= band(around: edge) }

    /// Adds an audited step. Allocates nothing.
    ///
    /// - Parameter drift: the largest |Δscore| over the labels.
    mutating func add(_ drift: Double) {
        largest = max(largest, drift)
        if audits.count < Self.kept {
            audits.append(drift)
        } else {
            if let oldest = sorted.firstIndex(of: audits[next]) { sorted.remove(at: oldest) }
            audits[next] = drift
            next = (next + 1) % Self.kept
        }
        sorted.insert(drift, at: sorted.firstIndex { $0 > drift } ?? sorted.count)
        guard audits.count >= Self.enough else { return }
        band = min(max(sorted[(sorted.count - 1) * 95 / 100], Self.narrowestBand), Self.widestBand)
    }
}
