import Events
import Frames
import Recognition
import System
import XCLIP

/// One reuse level over one stream file.
struct EvaluationLane {
    private(set) var recogniser: StreamRecogniser
    /// The events of each label, the signals' last.
    private(set) var detected: [DetectedEvents]
    private(set) var trace: ScoreTrace
    /// The signals' scores at each picture that was measured.
    private(set) var signalTrace: ScoreTrace
    private(set) var decisions = 0
    /// Runs of the published model over a window.
    private(set) var exactPasses = 0
    private(set) var processorSeconds = 0.0
    private let encoder: FrameEncoder

    init(
        _ specification: StreamSpecification,
        embeddings: LabelEmbeddings,
        encoder: FrameEncoder,
        auditSeed: UInt64,
        learned: [LearnedThreshold?]? = nil
    ) {
        self.encoder = encoder
        recogniser = StreamRecogniser(
            specification: specification,
            embeddings: embeddings,
            encoder: encoder,
            auditSeed: auditSeed,
            learned: learned
        )
        detected = specification.allLabels.map { _ in DetectedEvents() }
        trace = ScoreTrace(labels: specification.labels.count)
        signalTrace = ScoreTrace(labels: specification.signals.count)
    }

    /// `time`: stream time. `body` gets each label's transition, and whether the published model decided it.
    mutating func step(
        _ frame: SampledFrame,
        pixels: UnsafePointer<UInt8>,
        at time: Duration,
        _ body: (Transition, _ label: Int, _ confirmed: Bool) throws -> Void
    ) rethrows {
        var made: [(transition: Transition, label: Int)] = []
        recogniser.moveSignals(frame, at: time) { made.append(($0, $1)) }
        if frame.measures != nil, !recogniser.signalScores.isEmpty {
            signalTrace.add(recogniser.signalScores, at: time)
        }
        let start = ProcessorTime.seconds
        encoder.encode(recogniser.specification.reuse) { recogniser.offer(frame, pixels: pixels, into: &$0) }
        let decided = recogniser.decide(at: time)
        processorSeconds += ProcessorTime.seconds - start
        if decided {
            decisions += 1
            if recogniser.specification.reuse == .exact { exactPasses += recogniser.freshWindows }
            trace.add(recogniser.scores, at: time)
            recogniser.moveEvents(at: time) { made.append(($0, $1)) }
        }
        try report(made, body)
    }

    /// The stream has ended, and what is open with it.
    mutating func finish(
        at time: Duration,
        _ body: (Transition, _ label: Int, _ confirmed: Bool) throws -> Void
    ) rethrows {
        var made: [(transition: Transition, label: Int)] = []
        recogniser.end(.sourceLost, at: time) { made.append(($0, $1)) }
        exactPasses += recogniser.counts.exactPasses
        try report(made, body)
    }

    private mutating func report(
        _ made: [(transition: Transition, label: Int)],
        _ body: (Transition, _ label: Int, _ confirmed: Bool) throws -> Void
    ) rethrows {
        for (transition, label) in made {
            detected[label].add(transition)
            try body(transition, label, recogniser.isExact || recogniser.specification.isSignal(at: label))
        }
    }
}
