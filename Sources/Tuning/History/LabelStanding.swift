package import Events
package import ScoreHistory
import System
import Text

/// How well one label does on its camera, from its history: where the quiet scene is, how often it has events, and how far
/// these stand out. Pure.
package struct LabelStanding: Sendable {
    package enum Verdict: Equatable, Sendable {
        /// The quiet scene itself reaches the threshold.
        case useless
        /// Its events stand out by less than `clear`.
        case doubtful
        /// There are so many events that they cannot be what was looked for, or the label is of something that is always there.
        case constant
        case fine
        /// There was no event, and the highest lead falls short of the threshold.
        case silent
    }

    /// How far an event's peak must be above the quiet level to stand out, in logits.
    package static let clear = 2.0
    /// A label whose events are open for more than this share of the time is of the scene.
    package static let mostOpen = 0.25

    /// The time that the history covers.
    package let watched: Duration
    /// The quiet level, a lead: not exceeded in 90 % of the time without an event; nil without a history.
    package let quiet: Double?
    /// The highest lead that held for `min_duration` outside of events.
    package let quietTop: Double?
    /// The events of the rules in force.
    package let rate: EventRate
    /// The middle one of the events' highest leads; nil without events.
    package let peak: Double?
    /// The share of the time that events were open.
    package let open: Double
    /// The lead of the threshold in force.
    package let threshold: Double

    /// - Parameters:
    ///   - history: of the label.
    ///   - rules: of the label.
    ///   - temperature: divides a lead before it becomes a score.
    package init(_ history: LabelHistory, rules: EventRules, temperature: Double) {
        var learned = LearnedThreshold(rules: rules, temperature: temperature)
        learned.learn(history, temperature: temperature)
        quiet = learned.reading.quiet
        let inForce = rules.isLearned ? learned.rules : rules
        threshold = Lead.ofScore(inForce.threshold, temperature: temperature)
        var leads = inForce
        leads.threshold = threshold
        leads.release = min(threshold, Lead.ofScore(inForce.release, temperature: temperature))
        watched = history.covered
        // Of all stretches on one clock: a camera that is lost between its events has no more passages than one that stays.
        let loud = history.minutes.filter { $0.held >= leads.threshold }
        var starts = loud.map { Double($0.start.microseconds) / 1e6 }
        var peaks: [Double] = []
        var (seconds, top): (Double, Double?) = (0, nil)
        for stretch in history.stretches {
            guard let first = stretch.first?.time else { continue }
            let trace = stretch.map {
                (time: Duration.microseconds($0.time.microseconds - first.microseconds), lead: $0.lead)
            }
            let events = DetectedEvents.make(of: trace.lazy.map { (time: $0.time, score: $0.lead) }, rules: leads)
            starts += events.map { Double(first.microseconds) / 1e6 + $0.start }
            seconds += events.reduce(0) { $0 + $1.end - $1.start }
            for event in events {
                let own = trace.filter { (event.start...event.end).contains($0.time / .seconds(1)) }
                peaks += own.map(\.lead).max().map { [$0] } ?? []
            }
            let outside = trace.filter { sample in
                !events.contains { ($0.start...$0.end).contains(sample.time / .seconds(1)) }
            }
            let held = HeldLeads.of(outside.map { (time: $0.time, value: $0.lead) }, for: rules.minDuration)
            top = [top, held.map(\.value).max()].compactMap(\.self).max()
        }
        peaks += loud.map(\.peak)
        seconds += loud.reduce(0) { $0 + $1.covered / .seconds(1) }
        top = [top, history.minutes.lazy.filter { $0.held < leads.threshold }.map(\.held).max()].compactMap(\.self)
            .max()
        quietTop = top
        rate = EventRate(starts: [starts.sorted()], days: watched / .seconds(86_400))
        peak = peaks.isEmpty ? nil : peaks.sorted()[peaks.count / 2]
        open = watched > .zero ? seconds / (watched / .seconds(1)) : 0
    }

    package var verdict: Verdict {
        if let quiet, quiet >= threshold { return .useless }
        if open > Self.mostOpen { return .constant }
        guard let peak else { return .silent }
        return peak - (quiet ?? -.infinity) >= Self.clear ? .fine : .doubtful
    }
}
