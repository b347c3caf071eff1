import XCLIP

/// How far a reuse level's scores stand from exact ones on this stream: from the audits, the newest of them.
///
/// Its band says within which distance of a threshold a score does not decide alone.
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

    /// The band before enough audits have been made, in score: between the 99th percentile and the 99.9th of what each level
    /// was seen to drift on the embedded model (Benchmarks/RESULTS.md).
    static func assumedBand(of reuse: ReuseLevel) -> Double { reuse == .sweep ? 0.03 : 0.1 }

    /// The largest |Δscore| over the labels of one audited step.
    mutating func add(_ drift: Double) {
        largest = max(largest, drift)
        if audits.count < Self.kept {
            audits.append(drift)
        } else {
            audits[next] = drift
            next = (next + 1) % Self.kept
        }
    }

    /// 95 of 100 audited steps drifted by at most this much.
    var band: Double {
        guard audits.count >= Self.enough else { return assumedBand }
        let sorted = audits.sorted()
        return min(max(sorted[(sorted.count - 1) * 95 / 100], Self.narrowestBand), Self.widestBand)
    }
}
