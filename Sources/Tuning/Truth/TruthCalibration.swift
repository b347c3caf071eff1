package import Events
package import ScoreHistory

/// One label's threshold, from recordings of which it is known what truly happened: the best one there by F1, drawn towards the
/// one that `threshold: auto` has. Pure.
///
/// A best threshold fits the chance of its recordings, the more the fewer happenings they have; the learned one needs no
/// happening. With n happenings the proposal lies n / (n + `imagined`) of the way from the learned threshold to the best one,
/// in leads: without evidence it is the learned one, with much the best.
package struct TruthCalibration: Sendable {
    /// What there is for a proposal, or against one.
    package enum Evidence: String, Sendable {
        /// `enough` happenings or more.
        case enough
        case little
        /// The proposal has no better F1 than the threshold in force, which stays.
        case noGain = "no gain"
        /// No threshold finds a happening.
        case unseen
        /// Nothing happened.
        case none
    }

    /// So many imagined happenings speak for the learned threshold. Best thresholds from about four happenings a label did worse
    /// than it on other footage, those from ten better: the two weigh the same between these (Benchmarks/RESULTS.md).
    package static let imagined = 5.0
    /// From so many happenings on, thresholds of the truth did better than the learned one.
    package static let enough = 10

    /// Whether the threshold in force is a learned one.
    package let isLearned: Bool
    /// The quiet level that the learned threshold is above, a lead; nil if there was no footage of it.
    package let quiet: Double?
    /// The threshold in force; if it is learned, `learned`.
    package let inForce: ThresholdSweep.Row
    /// The threshold that `auto` comes to if days are like this footage.
    package let learned: ThresholdSweep.Row
    /// As in `ThresholdSweep`.
    package let best: ThresholdSweep.Row?
    /// Nil if the threshold in force stays.
    package let proposal: ThresholdSweep.Row?
    package let evidence: Evidence

    /// - Parameters:
    ///   - recordings: with their truth.
    ///   - footage: recordings in which nothing happened, without truth. Their events count as false.
    ///   - history: what the daemon kept of the label's scores.
    ///   - rules: of the label.
    ///   - window: the time that a score looks back on, in seconds.
    ///   - temperature: divides a lead before it becomes a score.
    ///   - tolerance: seconds, as in `EventMatching`.
    package init(
        _ recordings: [ThresholdSweep.Recording],
        footage: [ThresholdSweep.Recording] = [],
        history: LabelHistory? = nil,
        rules: EventRules,
        window: Double,
        temperature: Double,
        tolerance: Double
    ) {
        // Recordings with happenings may be of other cameras, so that they give the quiet level only if nothing else does.
        var level = LearnedThreshold(rules: rules, temperature: temperature)
        if let history { level.learn(history, temperature: temperature) }
        for recording in history == nil && footage.isEmpty ? recordings : footage {
            level.learn(recording.quiet(before: tolerance, after: window + tolerance))
        }
        level.settle()

        let known = recordings + footage.map { ThresholdSweep.Recording(scores: $0.scores, truth: []) }
        let sweep = ThresholdSweep(known, rules: rules, tolerance: tolerance)
        isLearned = rules.isLearned
        quiet = level.reading.quiet
        learned = ThresholdSweep.row(known, level.rules, tolerance)
        inForce = isLearned ? learned : sweep.inForce
        best = sweep.best

        let happenings = recordings.reduce(0) { $0 + ($1.truth?.count ?? 0) }
        guard let best, happenings > 0 else {
            (proposal, evidence) = (nil, happenings > 0 ? .unseen : .none)
            return
        }
        let lead = { (row: ThresholdSweep.Row) in Lead.ofScore(row.threshold, temperature: temperature) }
        let drawn = Self.drawn(from: lead(learned), to: lead(best), by: happenings)
        let score = Lead.score(ofLead: drawn, temperature: temperature)
        let row = ThresholdSweep.row(known, rules.proposed(at: ThresholdCalibration.written(score)), tolerance)
        guard let f1 = row.tally?.f1, f1 > inForce.tally?.f1 ?? 0 else {
            (proposal, evidence) = (nil, .noGain)
            return
        }
        (proposal, evidence) = (row, happenings < Self.enough ? .little : .enough)
    }

    package var happenings: Int { inForce.tally?.truths ?? 0 }

    /// The lead that lies n / (n + `imagined`) of the way from `learned` to `best`, for n happenings.
    static func drawn(from learned: Double, to best: Double, by happenings: Int) -> Double {
        learned + (best - learned) * Double(happenings) / (Double(happenings) + imagined)
    }
}

extension ThresholdSweep.Recording {
    /// The scores that look on no happening, in stretches without a pause.
    ///
    /// - Parameters:
    ///   - before: seconds that are left out before a happening.
    ///   - after: seconds that are left out after it.
    func quiet(before: Double, after: Double) -> [ArraySlice<(time: Duration, score: Double)>] {
        scores.split { time, _ in
            let seconds = time / .seconds(1)
            return truth?.contains { $0.start - before <= seconds && seconds <= $0.end + after } ?? false
        }
    }
}
