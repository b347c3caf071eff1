package import Events
import Foundation
import ScoreHistory

/// One label's threshold, from footage in which nothing happened: every event there is a false one. Pure.
///
/// The proposal is the lowest threshold at which, and above which, the upper end of the rate's interval is not above the wanted
/// rate. As thresholds fall events only become more, so this choice is that of an order statistic, and its promise does not
/// depend on the shape of the scores' tail: among labels whose false events come at random it fails for 2.5 of 100.
package struct ThresholdCalibration: Sendable {
    /// The evidence for a proposal.
    package enum Basis: String, Equatable, Sendable {
        /// The footage shows the wanted rate.
        case shown
        /// The footage is too short to show it, but has more events than wanted: the proposal lies above all that was seen.
        case estimated
        /// The footage is too short, and gives no reason for another threshold.
        case short
    }

    /// What one threshold makes of the footage.
    package struct Trial: Equatable, Sendable {
        package let threshold: Double
        package let release: Double
        package let lead: Double
        package let rate: EventRate
    }

    package struct Proposal: Equatable, Sendable {
        /// Nil if the threshold in force stays.
        package var trial: Trial?
        package var basis: Basis
        /// The days of footage without an event that would show the wanted rate.
        package var daysNeeded: Double
    }

    /// A window with a lower score resembles the background more than the label. No proposal goes lower, unless the
    /// threshold in force already does.
    package static let floor = 0.5
    /// Between two thresholds that are tried, in log-odds.
    static let step = 0.05
    /// How far below a threshold the richest passage is looked for, in log-odds.
    static let reach = 2.0
    /// Events from which a tail is estimated.
    static let leastForTail = 10
    /// Scores above it are 1 in the eight digits that a person might still write.
    static let highest = 18.0

    /// Those in force.
    private let rules: EventRules
    private let temperature: Double
    private let footage: QuietFootage
    /// What the threshold in force was learned from; nil for one that is not learned.
    package let learned: LearnedThreshold.Reading?
    /// The log-odds below which nothing is tried.
    private let lowest: Double
    /// The highest lead that held for `min_duration`; nil if none did.
    package let top: Double?

    /// - Parameters:
    ///   - footage: the label's leads.
    ///   - rules: of the label.
    ///   - learned: after this footage, if the label's threshold is learned.
    ///   - temperature: divides a lead before it becomes a score.
    package init(
        _ footage: QuietFootage,
        rules: EventRules,
        learned: LearnedThreshold? = nil,
        temperature: Double
    ) {
        let rules = learned?.rules ?? rules
        self.rules = rules
        self.temperature = temperature
        self.learned = learned?.reading
        top = footage.top(for: rules.minDuration)
        let floor = min(rules.threshold, Self.floor)
        lowest = Lead.logOdds(ofScore: floor)
        let release = rules.moved(to: floor).release
        self.footage = footage.thinned(
            below: Lead.ofScore(min(release, rules.release), temperature: temperature),
            rules
        )
    }

    /// The threshold in force.
    package var present: Trial { trial(at: rules.threshold) }

    package func trial(at threshold: Double) -> Trial {
        let proposed = rules.proposed(at: threshold)
        // A passage above this threshold may be as rich in events as the richest above a lower one.
        let lower = score(max(lowest, Lead.logOdds(ofScore: threshold) - Self.reach))
        let below = starts(rules.moved(to: min(threshold, lower)))
        let largest = below.flatMap(EventRate.passages).max() ?? 1
        return Trial(
            threshold: threshold,
            release: proposed.release,
            lead: Lead.ofScore(threshold, temperature: temperature),
            rate: EventRate(starts: starts(proposed), days: footage.days, largest: largest)
        )
    }

    /// The events at the threshold in force, the highest first.
    package var counted: [CountedEvent] { footage.events(leads(rules)) }

    private func starts(_ rules: EventRules) -> [[Double]] { footage.starts(leads(rules)) }

    /// The rules with threshold and release as leads.
    private func leads(_ rules: EventRules) -> EventRules {
        var leads = rules
        leads.threshold = Lead.ofScore(rules.threshold, temperature: temperature)
        leads.release = min(leads.threshold, Lead.ofScore(rules.release, temperature: temperature))
        return leads
    }

    /// The threshold for at most `perDay` false events a day, as far as the footage shows.
    package func proposal(perDay: Double) -> Proposal {
        let present = present
        let highest = max(lowest, min(Self.highest, (top ?? -Lead.limit) / temperature + Self.step))
        let first = (highest / Self.step).rounded(.up)
        let count = max(1, Int(first - (lowest / Self.step).rounded(.down)) + 1)
        var shown: Trial?
        for index in 0..<count {
            let odds = max(lowest, (first - Double(index)) * Self.step)
            let trial = trial(at: odds > lowest ? Self.written(score(odds)) : min(rules.threshold, Self.floor))
            guard trial.rate.most <= perDay else {
                let needed = EventRate.daysNeeded(perDay: perDay, largest: trial.rate.largest)
                if shown == nil { return unshown(present, perDay: perDay, daysNeeded: needed) }
                break
            }
            shown = trial
        }
        return Proposal(trial: shown, basis: .shown, daysNeeded: EventRate.daysNeeded(perDay: perDay))
    }

    private func unshown(_ present: Trial, perDay: Double, daysNeeded: Double) -> Proposal {
        guard present.rate.perDay > perDay, let raised = raised(present, perDay: perDay) else {
            return Proposal(trial: nil, basis: .short, daysNeeded: daysNeeded)
        }
        return Proposal(trial: raised, basis: .estimated, daysNeeded: daysNeeded)
    }

    /// Above all that the footage has, and with enough events as high as an exponential tail asks for: with n events a day above
    /// the threshold in force and a mean excess m over it, a level higher by m · ln(n / wanted) is exceeded as often as wanted.
    private func raised(_ present: Trial, perDay: Double) -> Trial? {
        guard let top else { return nil }
        var odds = top / temperature + Self.step
        if present.rate.events >= Self.leastForTail {
            let excess = max(0, top - present.lead) / harmonic(present.rate.events)
            let reckoned = present.lead + excess * log(present.rate.perDay / perDay)
            odds = max(odds, min(reckoned / temperature, Self.highest))
        }
        return odds <= Self.highest ? trial(at: Self.written(score(odds))) : nil
    }

    /// The highest of n exponential excesses is, in the mean, 1 + 1/2 + … + 1/n times the mean excess.
    private func harmonic(_ count: Int) -> Double { (1...max(1, count)).reduce(0) { $0 + 1 / Double($1) } }

    private func score(_ odds: Double) -> Double { 1 / (1 + exp(-odds)) }

    /// A threshold as a person writes it, not below the given one: in hundredths, and above 0.9 with two digits of its distance
    /// to 1.
    package static func written(_ score: Double) -> Double {
        let distance = 1 - score
        guard distance < 0.1 else { return (score * 100 - 1e-9).rounded(.up) / 100 }
        let scale = pow(10, min(12, 1 - floor10(distance)))
        let written = (score * scale - 1e-6).rounded(.up) / scale
        return written < 1 ? written : score
    }

    /// The exponent of the first digit.
    private static func floor10(_ value: Double) -> Double { log10(value).rounded(.down) }
}
