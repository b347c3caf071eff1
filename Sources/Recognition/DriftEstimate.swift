import XCLIP

/// The drift of a reuse level's scores from exact ones on one stream, estimated from its newest audits.
///
/// Within the band around a threshold, a score does not decide alone.
struct DriftEstimate {
    static let narrowestBand = 0.02
    static let widestBand = 0.3
    private static let kept = 64
    private static let enough = 8

    private let assumedBand: Double
    private var audits: [Double] = []
    private var next = 0
    private(set) var largest = 0.0

    init(reuse: ReuseLevel) {
        assumedBand = Self.assumedBand(of: reuse)
        audits.reserveCapacity(Self.kept)
    }

    /// The band in score before there are enough audits. It lies between the 99th and the 99.9th percentile of each
    /// level's measured drift on the embedded model (Benchmarks/RESULTS.md).
    static func assumedBand(of reuse: ReuseLevel) -> Double { reuse == .sweep ? 0.03 : 0.1 }

    /// Adds an audited step.
    ///
    /// - Parameter drift: the largest |Δscore| over the labels.
    mutating func add(_ drift: Double) {
        largest = max(largest, drift)
        if audits.count < Self.kept {
            audits.append(drift)
        } else {
            audits[next] = drift
            next = (next + 1) % Self.kept
        }
    }

    /// The 95th percentile of the drift of the audited steps, between `narrowestBand` and `widestBand`.
    var band: Double {
        guard audits.count >= Self.enough else { return assumedBand }
        let sorted = audits.sorted()
        return min(max(sorted[(sorted.count - 1) * 95 / 100], Self.narrowestBand), Self.widestBand)
    }
}
