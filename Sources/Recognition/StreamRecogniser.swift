package import Events
package import Frames
import Kernels
import Signals
import System
package import XCLIP

/// What is done with one stream's pictures, from the picture taken to its labels' transitions: the window, the check by the
/// exact pass, the state machine of each label. No ring, no lock, no clock: the time comes with each call, so that a live
/// stream and a file are treated alike.
///
/// A step is `offer`, encoding the batch (by the caller, for several streams at once), `decide`, `moveEvents`.
package struct StreamRecogniser {
    package private(set) var specification: StreamSpecification
    private let window: PictureWindow
    /// Of the labels, then of the signals' labels.
    private var machines: [LabelEventMachine]
    /// Of the labels whose threshold is learned; nil for the others, and for the signals' labels.
    package private(set) var learned: [LearnedThreshold?]
    private var judge = SignalJudge()
    /// Of the signals' labels, by the newest picture that was measured.
    package private(set) var signalScores: [Double]
    private var confirmation: ConfirmPolicy
    /// Chooses the audited decisions.
    private var dice: SplitMix64
    private var audited = 0
    /// What an audit compares: the scores of the step, and those of the exact pass in int8.
    private var stepScores: [Double]
    private var int8Scores: [Double]

    /// Decisions that the published model was asked about beside the window's own refreshes.
    package struct Checks: Sendable, Equatable {
        /// Scores that stood too close to a threshold for the stream's own level to decide.
        package var confirms = ConfirmPolicy.Counts()
        /// Chosen at random, to see how far the level drifts.
        package var audited = 0
    }

    /// `embeddings`: of `specification.texts`. `auditSeed` chooses which decisions are audited. `learned`: what is known already
    /// of the thresholds that are learned.
    package init(
        specification: StreamSpecification,
        embeddings: LabelEmbeddings,
        encoder: FrameEncoder,
        auditSeed: UInt64,
        learned: [LearnedThreshold?]? = nil
    ) {
        let confirmation = ConfirmPolicy(
            interval: specification.window / 2,
            reuse: specification.reuse,
            precision: specification.precision(of: encoder.model),
            isAccelerated: encoder.model.backend.int8.isAccelerated
        )
        self.init(
            specification: specification,
            embeddings: embeddings,
            encoder: encoder,
            auditSeed: auditSeed,
            learned: learned,
            confirmation: confirmation
        )
    }

    /// `confirmation`: for steps of the stream's level and precision.
    init(
        specification: StreamSpecification,
        embeddings: LabelEmbeddings,
        encoder: FrameEncoder,
        auditSeed: UInt64,
        learned: [LearnedThreshold?]?,
        confirmation: ConfirmPolicy
    ) {
        self.specification = specification
        window = PictureWindow(specification: specification, embeddings: embeddings, encoder: encoder)
        self.learned = learned ?? specification.learnedThresholds
        for label in self.learned.indices { self.learned[label]?.restart() }
        machines = zip(specification.allLabels, self.learned).map { LabelEventMachine(rules: $1?.rules ?? $0.rules) }
        signalScores = specification.signals.map { _ in 0 }
        self.confirmation = confirmation
        dice = SplitMix64(seed: auditSeed)
        stepScores = Array(repeating: 0, count: specification.labels.count)
        int8Scores = Array(repeating: 0, count: specification.labels.count)
    }

    package var counts: WindowSession.Counts { window.counts }
    package var checks: Checks { Checks(confirms: confirmation.counts, audited: audited) }
    /// Of the last decision.
    package var scores: [Double] { window.scores }
    package var logits: [Float] { window.logits }
    /// Whether the published model, on this very window, made them. A pass that was abandoned, or whose result is no number, made
    /// no decision.
    package private(set) var isExact = false
    /// The number of windows that were computed for the last decision, since they had changed: one for each part of the
    /// picture at most.
    package var freshWindows: Int { window.freshWindows }
    /// Of the stream's level.
    package var drift: DriftEstimate.Reading { confirmation.drift.reading }
    /// Of exact passes in int8; nil if steps are computed in floats.
    package var int8Drift: DriftEstimate.Reading? { confirmation.int8Drift?.reading }

    /// For each label, the signals' last: how many of its starts the cooldown suppressed, and how many a merge gap made part
    /// of the event before.
    package var eventCounts: some Sequence<EventCounts> {
        machines.lazy.map { EventCounts(suppressed: $0.suppressedCount, merged: $0.mergedCount) }
    }

    /// The pictures that follow have nothing to do with those before: open events stay open, all else begins anew.
    package mutating func interrupt() {
        window.clear()
        for label in machines.indices {
            machines[label].interrupt()
            learned[label]?.interrupt()
        }
    }

    /// The source is gone: its window is forgotten.
    package func forgetWindow() { window.clear() }

    /// Takes new rules, one for each label, the signals' last, from the next decision on; open events stay open.
    ///
    /// - Parameter fresh: what is known of thresholds that were not learned before.
    package mutating func replaceRules(_ rules: [EventRules], learned fresh: [LearnedThreshold?]? = nil) {
        precondition(rules.count == machines.count, "rules for each label")
        let labels = specification.labels.indices
        for label in labels { specification.labels[label].rules = rules[label] }
        for signal in specification.signals.indices {
            specification.signals[signal].label.rules = rules[labels.count + signal]
        }
        let fresh = fresh ?? specification.learnedThresholds
        for label in machines.indices {
            if rules[label].isLearned, learned[label] != nil {
                learned[label]?.replaceRules(rules[label])
            } else {
                learned[label] = fresh[label]
            }
            machines[label].replaceRules(learned[label]?.rules ?? rules[label])
        }
    }

    /// Moves the signals' events on by what a picture measured, whether the window is full or not.
    package mutating func moveSignals(
        _ frame: SampledFrame,
        at time: Duration,
        _ body: (Transition, _ label: Int) -> Void
    ) {
        guard !specification.signals.isEmpty, let measures = frame.measures else { return }
        let scores = judge.scores(of: measures)
        for (index, signal) in specification.signals.enumerated() {
            let label = specification.labels.count + index
            signalScores[index] = scores[signal.signal]
            machines[label].observe(score: scores[signal.signal], at: time) { body($0, label) }
        }
    }

    /// Takes a picture into the window and, unless it shows nothing new, into `batch`.
    ///
    /// - Parameter pixels: [S, S, 3] bytes for each part, valid until the batch is encoded.
    package func offer(_ frame: SampledFrame, pixels: UnsafePointer<UInt8>, into batch: inout FrameBatch) {
        // Of signals alone the model knows nothing.
        guard !specification.labels.isEmpty else { return }
        window.offer(frame, pixels: pixels, into: &batch)
    }

    /// After the batch: scores the window where a decision is due, and has the published model check it where it should
    /// not decide alone.
    ///
    /// - Returns: whether there was a decision; not if the computation was abandoned or its result is no number.
    package mutating func decide(at time: Duration) -> Bool {
        guard window.decide(), checkExactly(at: time) else { return false }
        isExact = window.isExact
        return true
    }

    /// After a decision: moves each label's events on, and the thresholds that are learned.
    package mutating func moveEvents(at time: Duration, _ body: (Transition, _ label: Int) -> Void) {
        for (label, score) in window.scores.enumerated() {
            machines[label].observe(score: score, part: window.part(ofLabel: label), at: time) { body($0, label) }
            if learned[label]?.observe(score: score, isOpen: machines[label].isOpen, at: time) == true,
                let rules = learned[label]?.rules
            {
                machines[label].replaceRules(rules)
            }
        }
    }

    /// Ends the events that are open.
    package mutating func end(_ reason: EndReason, at time: Duration, _ body: (Transition, _ label: Int) -> Void) {
        for label in machines.indices {
            if let transition = machines[label].end(reason, at: time) { body(transition, label) }
            learned[label]?.endEvent()
        }
    }

    /// Forgets the events without ending them: none is open, and the next scores begin them anew.
    package mutating func restartEvents() {
        machines = zip(specification.allLabels, learned).map { LabelEventMachine(rules: $1?.rules ?? $0.rules) }
        for label in learned.indices { learned[label]?.endEvent() }
    }

    /// Lets the published model decide if another level's score should not decide alone, and now and then to measure the
    /// level's drift.
    ///
    /// - Returns: false if the computation was abandoned or its result is no number.
    private mutating func checkExactly(at time: Duration) -> Bool {
        guard specification.reuse != .exact, !window.isExact else { return true }
        let wasAsked = window.exactPass == nil
        if wasAsked {
            // A window that stays as it is is audited once at most. But a score that was spared may change an event later.
            if window.freshWindows > 0, isToBeAudited() { return audit() }
            guard specification.confirm else { return true }
            guard confirmation.isNeeded(scores: window.scores, machines: machines, at: time) else { return true }
            guard confirmation.asksInt8First else { return window.decideExactly() }
            guard window.decideExactly(.int8) else { return false }
        }
        // Int8 decides without the published model only as long as nothing changes, even if the window stays as it is.
        guard confirmation.isLeftOpen(scores: window.scores, machines: machines, at: time, wasAsked: wasAsked) else {
            return true
        }
        return window.decideExactly()
    }

    private mutating func isToBeAudited() -> Bool {
        specification.audit > 0 && Double.random(in: 0..<1, using: &dice) < specification.audit
    }

    /// Measures how far a step has drifted, and how far an exact pass in int8 does.
    private mutating func audit() -> Bool {
        for (label, score) in window.scores.enumerated() { stepScores[label] = score }
        let hasInt8 = confirmation.int8Drift != nil
        if hasInt8 {
            guard window.decideExactly(.int8) else { return false }
            for (label, score) in window.scores.enumerated() { int8Scores[label] = score }
        }
        guard window.decideExactly() else { return false }
        audited += 1
        confirmation.add(step: distance(to: stepScores), int8: hasInt8 ? distance(to: int8Scores) : nil)
        return true
    }

    private func distance(to scores: [Double]) -> Double {
        zip(scores, window.scores).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }
}
