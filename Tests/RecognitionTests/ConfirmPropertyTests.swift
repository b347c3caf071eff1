import Events
import TestSupport
import Testing
import XCLIP

@testable import Recognition
@testable import System

/// The policy against random scores of several labels, whose exact scores lie within the band of the drifted ones.
@Suite struct ConfirmPropertyTests {
    /// Random scores, and what the published model would say of the same windows.
    private struct Sequence {
        let rules: EventRules
        /// [decisions, labels]
        var drifted: [[Double]] = []
        var exact: [[Double]] = []
        /// Of exact passes in int8.
        var int8: [[Double]] = []

        /// - Parameter persistence: how much of the drift stays from one decision to the next, 0…1.
        init(seed: UInt64, labels: Int, decisions: Int, persistence: Double) {
            var random = SeededGenerator(seed: seed)
            var rounding = SeededGenerator(seed: ~seed)
            let threshold = Double.random(in: 0.3...0.97, using: &random)
            let release = Double.random(in: 0.2...1, using: &random) * threshold
            func duration(_ longest: Int) -> Duration {
                Bool.random(using: &random) ? .zero : .milliseconds(500 * Int.random(in: 0...longest, using: &random))
            }
            rules = EventRules(
                threshold: threshold,
                release: release,
                minDuration: duration(4),
                hold: duration(6),
                cooldown: duration(8),
                mergeGap: duration(6)
            )
            let estimate = DriftEstimate(reuse: .cached)
            let most = min(estimate.band(around: threshold), estimate.band(around: release)) * 0.999
            var level = Array(repeating: 0.5, count: labels)
            var drift = Array(repeating: 0.0, count: labels)
            for _ in 0..<decisions {
                for label in 0..<labels {
                    // Scores hover around both edges, jump, and stay.
                    let target = [threshold, release, 0.05, 0.99][Int.random(in: 0..<4, using: &random)]
                    let pull = Double.random(in: 0...1, using: &random)
                    if Int.random(in: 0..<3, using: &random) > 0 { level[label] += (target - level[label]) * pull }
                    let fresh = Double.random(in: -most...most, using: &random)
                    drift[label] = persistence * drift[label] + (1 - persistence) * fresh
                }
                let now = level.map { min(max($0 + Double.random(in: -0.02...0.02, using: &random), 0), 1) }
                drifted.append(now)
                exact.append(zip(now, drift).map { min(max($0 + $1, 0), 1) })
                let error = ConfirmPropertyTests.share * most
                int8.append(
                    zip(now, drift).map { min(max($0 + $1 + .random(in: -error...error, using: &rounding), 0), 1) }
                )
            }
        }
    }

    /// The drift of exact passes in int8, as a share of that of the steps.
    private static let share = 0.3

    private struct Outcome: Equatable {
        /// Label, kind, start and time of each transition but updates.
        var changes: [String] = []
        var asked = 0
        var askedInt8 = 0
        /// Whether every change by a score in the band was by an exact one.
        var isConfirmed = true
    }

    /// - Parameters:
    ///   - precision: in int8, the exact pass in int8 is asked first.
    ///   - isAsked: whether the published model scores a decision. Nil: the policy decides.
    private func run(
        _ sequence: Sequence,
        interval: Duration = .nanoseconds(1),
        precision: Precision = .float32,
        _ isAsked: ((_ scores: [Double], _ machines: [LabelEventMachine]) -> Bool)? = nil
    ) -> Outcome {
        let labels = sequence.drifted[0].count
        var policy = ConfirmPolicy(interval: interval, reuse: .cached, precision: precision)
        if precision == .int8 {
            let band = policy.drift.band
            for _ in 0..<8 { policy.add(step: band, int8: Self.share * band) }
        }
        var machines = Array(repeating: LabelEventMachine(rules: sequence.rules), count: labels)
        var outcome = Outcome()
        for (step, drifted) in sequence.drifted.enumerated() {
            let time = Duration.milliseconds(500 * step)
            var isExact =
                isAsked?(drifted, machines) ?? policy.isNeeded(scores: drifted, machines: machines, at: time)
            var scores = drifted
            if isExact, policy.asksInt8First {
                outcome.askedInt8 += 1
                scores = sequence.int8[step]
                isExact = policy.isLeftOpen(scores: scores, machines: machines, at: time, wasAsked: true)
            }
            if isExact { scores = sequence.exact[step] }
            outcome.asked += isExact ? 1 : 0
            for label in 0..<labels {
                let before = machines[label]
                let isNear = abs(drifted[label] - before.edge) <= policy.drift.band(around: before.edge)
                machines[label].observe(score: scores[label], at: time) {
                    guard $0.kind != .updated else { return }
                    outcome.changes.append("\(label) \($0.kind) \($0.startTime) \($0.time)")
                }
                if before.stage != machines[label].stage, isNear, !isExact { outcome.isConfirmed = false }
            }
        }
        return outcome
    }

    private func isNear(_ scores: [Double], _ machines: [LabelEventMachine]) -> Bool {
        let estimate = DriftEstimate(reuse: .cached)
        return zip(scores, machines).contains { abs($0 - $1.edge) <= estimate.band(around: $1.edge) }
    }

    /// A score outside the band has its exact score on the same side of the edge. So the policy may leave it out, and every
    /// event, its start and its end are those of the published model.
    @Test(arguments: 0..<400)
    func eventsEqualThoseOfThePublishedModel(seed: Int) {
        let sequence = Sequence(seed: UInt64(seed), labels: 1 + seed % 5, decisions: 240, persistence: 0)
        let exact = run(sequence) { _, _ in true }
        let always = run(sequence) { isNear($0, $1) }
        let policy = run(sequence)
        #expect(policy.changes == exact.changes && always.changes == exact.changes)
        #expect(policy.asked == always.asked && policy.asked < exact.asked)
    }

    /// Where an exact pass in int8 is asked first, the events are the same, and the published model is asked less.
    @Test func eventsEqualThoseOfThePublishedModelAfterInt8() {
        var (asked, askedAfterInt8) = (0, 0)
        for seed in 0..<400 {
            let sequence = Sequence(seed: UInt64(seed), labels: 1 + seed % 5, decisions: 240, persistence: 0)
            let policy = run(sequence)
            let int8 = run(sequence, precision: .int8)
            #expect(int8.changes == run(sequence) { _, _ in true }.changes && int8.isConfirmed)
            #expect(int8.askedInt8 == policy.asked && policy.askedInt8 == 0)
            asked += policy.asked
            askedAfterInt8 += int8.asked
        }
        #expect(askedAfterInt8 < asked, "\(askedAfterInt8) of \(asked)")
    }

    /// At any interval, no score in the band starts, ends or continues an event by itself, nor by an exact pass in int8.
    @Test(arguments: 0..<200)
    func everyChangeInTheBandIsConfirmed(seed: Int) {
        let sequence = Sequence(seed: UInt64(seed), labels: 1 + seed % 5, decisions: 240, persistence: 0.9)
        let spaced = run(sequence, interval: .seconds(2))
        #expect(spaced.isConfirmed && run(sequence, interval: .seconds(2), precision: .int8).isConfirmed)
        #expect(spaced.asked <= run(sequence) { isNear($0, $1) }.asked)
    }

    /// With the interval of a stream, a decision that is spared may still cost an event. It must be rare, beside the confirmations
    /// that it saves.
    @Test func sparedConfirmationsSaveMoreThanTheyCost() {
        var (asked, askedAlways, same, count) = (0, 0, 0, 0)
        for seed in 0..<200 {
            let sequence = Sequence(seed: UInt64(seed), labels: 1, decisions: 240, persistence: 0.9)
            let exact = run(sequence) { _, _ in true }
            let spaced = run(sequence, interval: .seconds(2))
            asked += spaced.asked
            askedAlways += run(sequence) { isNear($0, $1) }.asked
            count += exact.changes.count
            same += Set(exact.changes).intersection(spaced.changes).count
        }
        let (saved, lost) = (1 - Double(asked) / Double(askedAlways), 1 - Double(same) / Double(count))
        #expect(saved > 0.1 && lost < saved, "saved \(saved), lost \(lost)")
    }
}
