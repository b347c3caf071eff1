import Events
import Foundation
import Frames
import Kernels
import Signals
import Testing
import XCLIP

@testable import Recognition
@testable import System

/// The core that live streams and files share, with a tiny model of random weights.
@Suite struct StreamRecogniserTests {
    private static let directory: Result<String, any Error> = Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("ww-core-\(UUID().uuidString)").path
        try RandomCheckpoint.write(.tiny, to: path, seed: 5)
        return path
    }

    private struct Record: Equatable {
        var scores: [[Double]] = []
        var exactAt: [Int] = []
        var transitions: [Transition] = []
        var labels: [Int] = []
        var counts = WindowSession.Counts()
        var checks = StreamRecogniser.Checks()
        var drift = DriftEstimate.Reading()
        var int8Drift: DriftEstimate.Reading?
        /// Ticks with a transition but an update, while the published model had not scored the window.
        var unconfirmedAt: [Int] = []
    }

    private func picture(_ seed: Int) -> [UInt8] {
        var state = UInt64(seed) &* 77
        return (0..<64 * 64 * 3).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
    }

    /// 40 pictures, one second apart.
    private func run(
        threshold: Double = 0.5,
        seed: UInt64 = 1,
        learned: [LearnedThreshold?]? = nil,
        precision: Precision = .float32,
        confirmation: ConfirmPolicy? = nil,
        showing: (_ tick: Int) -> [UInt8]? = { _ in nil },
        _ change: (inout StreamSpecification) -> Void
    ) throws -> Record {
        let rules = EventRules(
            threshold: threshold,
            release: threshold,
            minDuration: .zero,
            hold: .zero,
            cooldown: .seconds(2)
        )
        var specification = StreamSpecification(
            name: "s",
            labels: [.init(name: "a", text: "a dog", rules: rules), .init(name: "b", text: "a cat", rules: rules)],
            window: .seconds(8)
        )
        change(&specification)
        let directory = try Self.directory.get()
        let model = try XCLIPModel(directory: directory, precision: precision)
        let embeddings = try TextEncoder(directory: directory).encode(specification.texts, threads: 1)
        let encoder = FrameEncoder(model: model, team: model.makeTeam(threads: 1), batch: 1)
        let own = ConfirmPolicy(
            interval: specification.window / 2,
            reuse: specification.reuse,
            precision: specification.precision(of: model),
            isAccelerated: model.backend.int8.isAccelerated
        )
        var recogniser = StreamRecogniser(
            specification: specification,
            embeddings: embeddings,
            encoder: encoder,
            auditSeed: seed,
            learned: learned,
            confirmation: confirmation ?? own
        )
        var record = Record()
        func note(_ transition: Transition, _ label: Int) {
            record.transitions.append(transition)
            record.labels.append(label)
        }
        for tick in 0..<40 {
            (showing(tick) ?? picture(tick)).withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                let frame = SampledFrame(time: Double(tick), ticks: tick..<tick + 1)
                encoder.encode(specification.reuse) { recogniser.offer(frame, pixels: base, into: &$0) }
            }
            guard recogniser.decide(at: .seconds(tick)) else { continue }
            record.scores.append(recogniser.scores)
            let isExact = recogniser.isExact
            if isExact { record.exactAt.append(tick) }
            recogniser.moveEvents(at: .seconds(tick)) { transition, label in
                if !isExact, transition.kind != .updated { record.unconfirmedAt.append(tick) }
                note(transition, label)
            }
        }
        recogniser.end(.sourceLost, at: .seconds(39), note)
        record.counts = recogniser.counts
        record.checks = recogniser.checks
        (record.drift, record.int8Drift) = (recogniser.drift, recogniser.int8Drift)
        return record
    }

    /// A threshold in the middle of the random model's scores, so that events start and end.
    private func middle(_ record: Record) -> Double {
        let scores = record.scores.map { $0[0] }.sorted()
        return scores[scores.count / 2]
    }

    @Test func eventsEqualThoseOfTheStateMachines() throws {
        let threshold = middle(try run { $0.reuse = .exact })
        let record = try run(threshold: threshold) { $0.reuse = .exact }
        for label in 0..<2 {
            var detected = DetectedEvents()
            for (transition, owner) in zip(record.transitions, record.labels) where owner == label {
                detected.add(transition)
            }
            let rules = EventRules(
                threshold: threshold,
                release: threshold,
                minDuration: .zero,
                hold: .zero,
                cooldown: .seconds(2)
            )
            // The first window is full after eight pictures.
            let scores = record.scores.enumerated().map { (time: Duration.seconds($0 + 7), score: $1[label]) }
            #expect(detected.events == DetectedEvents.make(of: scores, rules: rules))
            if label == 0 { #expect(detected.events.count > 1) }
        }
    }

    /// What was learned before the stream began decides from its first decision on, and a label that learns nothing keeps its
    /// own threshold.
    @Test func aLearnedThresholdIsInForce() throws {
        let rules = EventRules(
            threshold: 0,
            release: 0,
            minDuration: .zero,
            hold: .zero,
            cooldown: .seconds(2),
            isLearned: true
        )
        var known = LearnedThreshold(rules: rules, temperature: 1)
        for second in 0..<12 * 3600 { _ = known.observe(score: 1 - 1e-12, isOpen: false, at: .seconds(second)) }
        #expect(known.rules.threshold > 0.99999)
        let record = try run(threshold: 0, learned: [known, nil]) {
            $0.reuse = .exact
            $0.labels[0].rules = rules
        }
        let owned = { (label: Int) in
            zip(record.transitions, record.labels).filter { $0.1 == label }.map(\.0)
        }
        let highest = try #require(record.scores.map { $0[0] }.max())
        #expect(owned(0).isEmpty == (highest < known.rules.threshold))
        #expect(owned(1).first?.kind == .started && owned(1).first?.threshold == 0)
        // Without what was learned, the rules' own threshold holds.
        let anew = try run(threshold: 0) {
            $0.reuse = .exact
            $0.labels[0].rules = rules
        }
        #expect(anew.labels.contains(0) && anew.transitions.allSatisfy { $0.threshold == 0 })
    }

    @Test func newRulesTakeUpWhatIsKnown() throws {
        var (_, recogniser) = try signals(labels: [.init(name: "a", text: "a dog", rules: Signal.blank.rules)], at: [1])
        #expect(recogniser.learned.allSatisfy { $0 == nil })
        var rules = [Signal.blank.rules, Signal.blank.rules]
        rules[0].isLearned = true
        var known = LearnedThreshold(rules: rules[0], temperature: 1)
        for second in 0..<12 * 3600 { _ = known.observe(score: 0.9, isOpen: false, at: .seconds(second)) }
        recogniser.replaceRules(rules, learned: [known, nil])
        #expect(recogniser.learned[0]?.reading == known.reading && recogniser.learned[1] == nil)
        // Other rules for a label that learns already keep its level; a plain number ends it.
        rules[0].hold = .seconds(7)
        recogniser.replaceRules(rules)
        #expect(recogniser.learned[0]?.reading == known.reading && recogniser.learned[0]?.rules.hold == .seconds(7))
        rules[0].isLearned = false
        recogniser.replaceRules(rules)
        #expect(recogniser.learned[0] == nil)
    }

    enum Interruption: CaseIterable {
        case none, end, restart
    }

    /// An event that ended with its source has not lasted until the next one, an hour later: that one is not taken for the
    /// scene, and nothing is learned of it. One that stayed open is.
    @Test(arguments: Interruption.allCases)
    func anEventAfterAnInterruptionIsNotTheOneBefore(interruption: Interruption) throws {
        let rules = EventRules(
            threshold: 0,
            release: 0,
            minDuration: .zero,
            hold: .zero,
            cooldown: .zero,
            isLearned: true
        )
        let specification = StreamSpecification(
            name: "s",
            labels: [.init(name: "a", text: "a dog", rules: rules)],
            window: .seconds(8)
        )
        let directory = try Self.directory.get()
        let model = try XCLIPModel(directory: directory)
        let encoder = FrameEncoder(model: model, team: model.makeTeam(threads: 1), batch: 1)
        var recogniser = StreamRecogniser(
            specification: specification,
            embeddings: try TextEncoder(directory: directory).encode(specification.texts, threads: 1),
            encoder: encoder,
            auditSeed: 1
        )
        var kinds: [Transition.Kind] = []
        func watch(_ ticks: Range<Int>, after pause: Int) {
            for tick in ticks {
                picture(tick).withUnsafeBufferPointer { pixels in
                    guard let base = pixels.baseAddress else { return }
                    let frame = SampledFrame(time: Double(tick), ticks: tick..<tick + 1)
                    encoder.encode(specification.reuse) { recogniser.offer(frame, pixels: base, into: &$0) }
                }
                guard recogniser.decide(at: .seconds(pause + tick)) else { continue }
                recogniser.moveEvents(at: .seconds(pause + tick)) { transition, _ in
                    if transition.kind != .updated { kinds.append(transition.kind) }
                }
            }
        }
        watch(0..<20, after: 0)
        let before = try #require(recogniser.learned[0]?.reading)
        switch interruption {
        case .none: break
        case .end: recogniser.end(.sourceLost, at: .seconds(20)) { transition, _ in kinds.append(transition.kind) }
        case .restart: recogniser.restartEvents()
        }
        recogniser.interrupt()
        watch(20..<40, after: 3600)
        let after = try #require(recogniser.learned[0]?.reading)
        switch interruption {
        case .none: #expect(kinds == [.started] && after.watched > before.watched)
        case .end: #expect(kinds == [.started, .ended(.sourceLost), .started] && after == before)
        case .restart: #expect(kinds == [.started, .started] && after == before)
        }
    }

    @Test func theSeedChoosesTheAudits() throws {
        let first = try run(seed: 1) { $0.audit = 0.3 }
        let again = try run(seed: 1) { $0.audit = 0.3 }
        let other = try run(seed: 2) { $0.audit = 0.3 }
        #expect(first == again)
        #expect(first.exactAt != other.exactAt)
        #expect((1...32).contains(first.counts.exactPasses))
        #expect(first.exactAt.count == first.counts.exactPasses)
    }

    @Test func closeDecisionsAreConfirmedByTheExactPass() throws {
        let threshold = middle(try run { $0.reuse = .exact })
        let confirmed = try run(threshold: threshold) { $0.confirm = true }
        let alone = try run(threshold: threshold) { _ in }
        #expect(confirmed.counts.exactPasses > 0 && confirmed.exactAt.count == confirmed.counts.exactPasses)
        #expect(alone.counts.exactPasses == 0 && alone.exactAt.isEmpty)
    }

    /// Steps in int8 that drift by 0.3, and exact passes in int8 that drift by `int8`; nothing is spared.
    private func policy(int8: Double) -> ConfirmPolicy {
        var policy = ConfirmPolicy(interval: .nanoseconds(1), reuse: .cached, precision: .int8)
        for _ in 0..<8 { policy.add(step: 0.3, int8: int8) }
        return policy
    }

    /// How high the first label's score is in logits, at the temperature 1: the median, and how far the others lie from it.
    private func leads(_ record: Record) -> (median: Double, spread: Double) {
        let leads = record.scores.map { log($0[0] / (1 - $0[0])) }.sorted()
        let median = leads[leads.count / 2]
        return (median, (leads.reduce(0) { $0 + ($1 - median) * ($1 - median) } / Double(leads.count)).squareRoot())
    }

    /// Scores of one label that hover about a threshold for half a minute, too short for an event: int8 settles those that lie
    /// clearly on one side, and the published model is asked about the others.
    @Test func int8SparesThePublishedModelHoveringScores() throws {
        let (median, spread) = leads(try run { $0.reuse = .exact })
        let threshold = 1 / (1 + exp(-median / spread))
        let change = { (specification: inout StreamSpecification) in
            specification.labels.removeLast()
            specification.labels[0].rules.minDuration = .seconds(1000)
            specification.temperature = spread
            specification.confirm = true
        }
        let exact = try run(threshold: threshold, precision: .int8) {
            change(&$0)
            $0.reuse = .exact
        }
        let first = try run(threshold: threshold, precision: .int8, confirmation: policy(int8: 0.05), change)
        let alone = try run(threshold: threshold, precision: .int8, confirmation: policy(int8: 0.3), change)
        #expect(alone.counts.int8Passes == 0 && alone.checks.confirms.settled == 0)
        #expect(alone.counts.exactPasses == alone.checks.confirms.hovering)
        #expect(first.checks.confirms.settled > 0 && first.counts.exactPasses < alone.counts.exactPasses)
        #expect(first.counts.exactPasses == first.checks.confirms.hovering && first.checks.confirms.changing == 0)
        #expect(first.counts.int8Passes == first.checks.confirms.settled + first.checks.confirms.hovering)
        // What the published model is said to have scored, it has.
        #expect(first.exactAt.count == first.counts.exactPasses)
        for record in [first, alone] {
            for index in record.exactAt.map({ $0 - 7 }) {
                #expect(abs(record.scores[index][0] / exact.scores[index][0] - 1) < 0.01)
            }
        }
    }

    /// A change of an event after a pass in int8 is the published model's. A change by a step's score lies outside the band.
    @Test func everyChangeAfterInt8IsConfirmed() throws {
        let (median, spread) = leads(try run { $0.reuse = .exact })
        let threshold = 1 / (1 + exp(-median / spread))
        let policy = policy(int8: 0.05)
        let record = try run(threshold: threshold, precision: .int8, confirmation: policy) {
            $0.labels.removeLast()
            $0.temperature = spread
            $0.confirm = true
        }
        #expect(record.checks.confirms.changing > 0)
        for tick in record.unconfirmedAt {
            #expect(abs(record.scores[tick - 7][0] - threshold) > policy.drift.band(around: threshold))
        }
    }

    @Test func auditsMeasureStepsAndPassesInInt8() throws {
        let audited = try run(precision: .int8) { $0.audit = 1 }
        #expect(audited.checks.audited == 33 && audited.exactAt == Array(7..<40))
        #expect(audited.counts.exactPasses == 33 && audited.counts.int8Passes == 33)
        #expect(audited.drift.largest > 0)
        #expect(try #require(audited.int8Drift).largest > 0)
        let floats = try run { $0.audit = 1 }
        #expect(floats.checks.audited == 33 && floats.counts.int8Passes == 0 && floats.int8Drift == nil)
        // The exact pass after one in int8 is that of floats, and so are the scores.
        for (one, other) in zip(audited.scores.joined(), floats.scores.joined()) {
            #expect(abs(one / other - 1) < 1e-3)
        }
    }

    /// After a cut, a pass in int8 scores the still scene for good. When an event is to start although nothing has changed
    /// since, the published model is asked.
    @Test func changeOnAStillSceneIsConfirmed() throws {
        let still = picture(200).map { 100 + $0 / 4 }
        let record = try run(
            threshold: 0,
            precision: .int8,
            showing: { $0 < 10 ? picture($0).map { $0 / 8 } : still }
        ) {
            $0.labels[0].rules.minDuration = .seconds(20)
            $0.labels[1].rules.threshold = 1
            $0.gate = 2
            $0.gateRefresh = .seconds(1000)
            $0.confirm = true
        }
        // The first decision was at 7, and the first window of the still scene alone at 17.
        #expect(record.transitions.first?.time == .seconds(27) && record.transitions.first?.kind == .started)
        #expect(record.counts.int8Passes == 1 && record.counts.exactPasses == 1)
        #expect(record.exactAt == Array(27..<40) && record.unconfirmedAt.isEmpty)
    }

    /// A score that hovers is spared, and then the scene stays as it is. When an event is to start by that score, the published
    /// model is asked all the same.
    @Test func changeByASparedScoreOfAStillSceneIsConfirmed() throws {
        var policy = ConfirmPolicy(interval: .seconds(1000), reuse: .cached)
        for _ in 0..<8 { policy.add(step: 0.3, int8: nil) }
        // All scores lie near 0.5.
        let record = try run(threshold: 0.4, confirmation: policy, showing: { $0 < 12 ? nil : picture(12) }) {
            $0.labels.removeLast()
            $0.labels[0].rules.minDuration = .seconds(20)
            $0.temperature = 1000
            $0.gate = 2
            $0.gateRefresh = .seconds(1000)
            $0.confirm = true
        }
        // The first decision was at 7, credit was for four, and from 19 on the window has shown one picture only.
        #expect(record.transitions.first?.time == .seconds(27) && record.transitions.first?.kind == .started)
        #expect(record.exactAt == [7, 8, 9, 10] + Array(27..<40) && record.unconfirmedAt.isEmpty)
        #expect(record.counts.exactPasses == 5)
        #expect(record.checks.confirms.hovering == 4 && record.checks.confirms.changing == 1)
    }

    /// The measures of a picture without detail.
    private static var blank: PictureMeasures {
        var measures = PictureMeasures()
        measures.light = 128
        return measures
    }

    /// What a stream says of a blank picture at each of these seconds, with a window that is not full.
    private func signals(
        labels: [StreamSpecification.Label],
        at seconds: [Int]
    ) throws -> (transitions: [(Transition, Int)], recogniser: StreamRecogniser) {
        var rules = Signal.blank.rules
        (rules.minDuration, rules.hold) = (.seconds(2), .seconds(1))
        let specification = StreamSpecification(
            name: "s",
            labels: labels,
            signals: [.init(signal: .blank, label: .init(name: "lens", text: "signal:blank", rules: rules))],
            window: .seconds(80),
            scoring: .exclusive
        )
        let directory = try Self.directory.get()
        let model = try XCLIPModel(directory: directory)
        let encoder = FrameEncoder(model: model, team: model.makeTeam(threads: 1), batch: 1)
        var recogniser = StreamRecogniser(
            specification: specification,
            embeddings: try TextEncoder(directory: directory).encode(specification.texts, threads: 1),
            encoder: encoder,
            auditSeed: 1
        )
        #expect(!specification.texts.contains("signal:blank"))
        var transitions: [(Transition, Int)] = []
        for second in 0..<7 {
            let measures = seconds.contains(second) ? Self.blank : Self.detailed
            let frame = SampledFrame(time: Double(second), ticks: second..<second + 1, measures: measures)
            recogniser.moveSignals(frame, at: .seconds(second)) { transitions.append(($0, $1)) }
            picture(second).withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                encoder.encode(specification.reuse) { recogniser.offer(frame, pixels: base, into: &$0) }
            }
            let decided = recogniser.decide(at: .seconds(second))
            #expect(!decided)
        }
        return (transitions, recogniser)
    }

    private static var detailed: PictureMeasures {
        var measures = blank
        (measures.contrast, measures.colour) = (100, 20)
        return measures
    }

    /// The signal's label comes after the model's, and needs neither the model nor a full window.
    @Test(arguments: [0, 1])
    func aSignalHasItsEventsBeforeTheWindowIsFull(labels: Int) throws {
        let rules = EventRules(threshold: 0, release: 0, minDuration: .zero, hold: .zero, cooldown: .zero)
        let model = [StreamSpecification.Label(name: "a", text: "a dog", rules: rules)].prefix(labels)
        let (transitions, recogniser) = try signals(labels: Array(model), at: [1, 2, 3])
        #expect(transitions.map(\.0.kind) == [.started, .ended(.belowRelease)])
        #expect(transitions.map(\.0.time) == [.seconds(3), .seconds(5)])
        #expect(transitions.map(\.0.startTime) == [.seconds(1), .seconds(1)])
        #expect(transitions.map(\.1) == [labels, labels])
        #expect(recogniser.specification.isSignal(at: labels))
        // Without a label of its own, the model is not asked.
        #expect(recogniser.counts.encoded == (labels == 0 ? 0 : 7))
        #expect(Array(recogniser.eventCounts).count == labels + 1)
    }

    @Test func aSignalsEventEndsWithItsStreamAndTakesNewRules() throws {
        var (transitions, recogniser) = try signals(labels: [], at: [1, 2, 3, 4, 5, 6])
        recogniser.end(.sourceLost, at: .seconds(9)) { transitions.append(($0, $1)) }
        #expect(transitions.map(\.0.kind) == [.started, .ended(.sourceLost)])
        var rules = Signal.blank.rules
        rules.threshold = 1
        recogniser.replaceRules([rules])
        #expect(recogniser.specification.signals[0].label.rules == rules)
    }
}
