import Foundation
package import Text

/// A threshold that follows the quiet level of one label on one camera: `threshold: auto`. Pure.
///
/// The quiet level is a quantile of the leads that the label has had while no event was open. The threshold is `margin` above
/// it, and above `floor` if the level is lower. It moves there slowly, and only while no event is open. Until the level has been
/// watched for long enough, the rules' own threshold holds.
///
/// An event that is open for longer than `patience` is taken for the scene: its leads count, and the threshold moves.
package struct LearnedThreshold: Sendable {
    /// What the threshold is now, and what it was learned from.
    package struct Reading: Sendable, Equatable {
        package var threshold: Double
        package var release: Double
        /// The quiet level, a lead; nil until it is known.
        package var quiet: Double?
        /// The time that it was learned from. What is long ago counts for less.
        package var watched: Duration

        /// The members of `auto` in the status, and in a replay's summary.
        package var line: JSONLine {
            var line = JSONLine()
            line.add("quiet_lead", quiet.map { ($0 * 100).rounded() / 100 })
            line.add("watched_seconds", (watched / .seconds(1)).rounded())
            return line
        }
    }

    /// The share of the quiet time in which the lead is not above the quiet level.
    package static let quantile = 0.9
    /// How far the threshold is above the quiet level, in logits.
    package static let margin = 1.5
    /// A quiet level below this counts as this: below 0 a window resembles the background more than the label.
    package static let floor = 0.0
    /// No threshold goes higher, in logits.
    package static let highest = 12.0
    /// How long a label must have been watched.
    package static let leastWatched = Duration.seconds(600)
    /// What is older than this is not read from a history: it counts for a sixteenth.
    package static let memory = LeadDistribution.halfLife * 4
    /// How long an event may be open before it is taken for the scene.
    package static let patience = Duration.seconds(1800)
    /// How fast the threshold moves, in logits a minute. A level that rises makes false events at once; one that falls can wait.
    package static let pace = (up: 1.0, down: 0.1)
    /// The release is below the threshold by no more than this share of the margin, so that the quiet level ends an event.
    package static let releaseShare = 0.75

    /// How often the level is computed.
    private static let step = Duration.seconds(10)
    /// Decisions further apart than this do not stand for the time between them.
    private static let longestPause = Duration.seconds(60)

    /// When a score starts and ends an event now.
    package private(set) var rules: EventRules
    private var base: EventRules
    private let temperature: Double
    /// The lead of the threshold in force.
    private var lead: Double
    private var leads = LeadDistribution()
    private var quiet: Double?
    private var last: Duration?
    private var openSince: Duration?
    /// The time that has been watched since the level was computed.
    private var sinceStep = Duration.zero

    /// - Parameters:
    ///   - rules: of the label. They hold until its quiet level is known.
    ///   - temperature: divides a lead before it becomes a score.
    package init(rules: EventRules, temperature: Double) {
        (self.rules, base) = (rules, rules)
        self.temperature = temperature
        lead = Self.lead(rules, temperature)
    }

    /// The lead of a threshold, within what leads are counted as.
    private static func lead(_ rules: EventRules, _ temperature: Double) -> Double {
        let lead = Lead.ofScore(rules.threshold, temperature: temperature)
        return min(max(lead, LeadDistribution.range.lowerBound), LeadDistribution.range.upperBound)
    }

    package var reading: Reading {
        Reading(threshold: rules.threshold, release: rules.release, quiet: quiet, watched: leads.watched)
    }

    /// Takes a decision.
    ///
    /// - Parameters:
    ///   - score: the label's score.
    ///   - isOpen: whether its event is open.
    ///   - time: when it was decided, on a clock that does not go back.
    /// - Returns: whether `rules` have changed.
    package mutating func observe(score: Double, isOpen: Bool, at time: Duration) -> Bool {
        let counts = counts(isOpen, at: time)
        guard let elapsed = elapsed(until: time), counts, !score.isNaN else { return false }
        leads.add(Lead.ofScore(score, temperature: temperature), for: elapsed)
        return move(after: elapsed)
    }

    /// Takes a summary of decisions that are not kept any more.
    ///
    /// - Parameters:
    ///   - shares: leads, and the share of the time that each stands for.
    ///   - span: the time that they stand for together.
    ///   - isOpen: whether an event may have been open.
    ///   - time: when the span ended.
    /// - Returns: whether `rules` have changed.
    package mutating func observe(
        _ shares: [(lead: Double, share: Double)],
        over span: Duration,
        isOpen: Bool,
        at time: Duration
    ) -> Bool {
        last = time
        guard counts(isOpen, at: time) else { return false }
        for (lead, share) in shares { leads.add(lead, for: span * share) }
        return move(after: span)
    }

    /// Takes what was watched, however short, for what the quiet scene is like, and moves there at once: to where days of the
    /// same would bring it.
    package mutating func settle() {
        guard let level = leads.quantile(Self.quantile) else { return }
        quiet = level
        lead = Self.goal(quiet: level)
        place()
    }

    /// Marks a gap in the scores: the time until the next is not counted.
    package mutating func interrupt() { last = nil }

    /// The label's event, if one was open, has ended for a reason other than its score. The next one is not taken for it.
    package mutating func endEvent() { openSince = nil }

    /// Times are on another clock from now on, and no event is open.
    package mutating func restart() { (last, openSince) = (nil, nil) }

    /// The label has new rules. What is known of its level stays.
    package mutating func replaceRules(_ rules: EventRules) {
        base = rules
        if quiet == nil { lead = Self.lead(rules, temperature) }
        place()
    }

    private mutating func elapsed(until time: Duration) -> Duration? {
        defer { last = max(last ?? time, time) }
        guard let last, time > last else { return nil }
        return min(time - last, Self.longestPause)
    }

    /// Whether the level may be learned, and the threshold moved, now.
    private mutating func counts(_ isOpen: Bool, at time: Duration) -> Bool {
        guard isOpen else {
            openSince = nil
            return true
        }
        let since = openSince ?? time
        openSince = since
        return time - since >= Self.patience
    }

    private mutating func move(after elapsed: Duration) -> Bool {
        sinceStep += elapsed
        guard sinceStep >= Self.step else { return false }
        let minutes = sinceStep / .seconds(60)
        sinceStep = .zero
        guard leads.watched >= Self.leastWatched, let level = leads.quantile(Self.quantile) else { return false }
        quiet = level
        let goal = Self.goal(quiet: level)
        let moved = min(max(goal, lead - Self.pace.down * minutes), lead + Self.pace.up * minutes)
        guard moved != lead else { return false }
        lead = moved
        place()
        return true
    }

    /// The lead of the threshold that a quiet level asks for.
    private static func goal(quiet level: Double) -> Double {
        min(max(level, floor) + margin, max(highest, floor + margin))
    }

    /// Sets the rules for the lead of the threshold.
    private mutating func place() {
        rules = base
        guard quiet != nil else { return }
        let gap =
            Lead.ofScore(base.threshold, temperature: temperature)
            - Lead.ofScore(base.release, temperature: temperature)
        rules.threshold = score(lead)
        rules.release = min(rules.threshold, score(lead - min(max(gap, 0), Self.releaseShare * Self.margin)))
    }

    /// A lead's score, with four digits of its distance to 1.
    private func score(_ lead: Double) -> Double {
        let score = Lead.score(ofLead: lead, temperature: temperature)
        guard score < 1 else { return score }
        let scale = pow(10, 3 - log10(1 - score).rounded(.down))
        return (score * scale).rounded() / scale
    }
}
