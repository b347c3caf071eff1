import Events
import Frames
import Synchronization
import XCLIP

/// One stream on the inference thread: its window, and the state machine of each of its labels.
struct StreamSession {
    private let stream: InferenceWorker.Stream
    private let window: WindowSession
    private let output: any RecognitionOutput
    private var machines: [LabelEventMachine]
    private var confirmation: ConfirmPolicy
    private var epoch: Int?
    private var arrival: Duration?

    init(stream: InferenceWorker.Stream, encoder: FrameEncoder, output: any RecognitionOutput) {
        self.stream = stream
        self.output = output
        let specification = stream.specification
        window = WindowSession(specification: specification, embeddings: stream.embeddings, encoder: encoder)
        machines = specification.labels.map { LabelEventMachine(rules: $0.rules) }
        confirmation = ConfirmPolicy(interval: specification.window / 2)
    }

    var isCached: Bool { stream.specification.reuse == .cached }

    /// Offers the newest waiting picture to the window. Returns false where none waits.
    mutating func takeNewest() -> Bool {
        guard let picture = stream.ring.take() else { return false }
        if picture.epoch != epoch {
            window.clear()
            for label in machines.indices { machines[label].interrupt() }
            epoch = picture.epoch
        }
        window.offer(picture.frame, pixels: picture.pixels)
        arrival = picture.arrival
        return true
    }

    /// After the batch: decides where a picture of this stream was in it.
    mutating func decideIfTaken() {
        guard let arrival else { return }
        self.arrival = nil
        let decided = window.decide()
        if decided { checkExactly(at: arrival) }
        let lag = MonotonicTime.now - arrival
        stream.counters.withLock { counters in
            counters.frames = window.counts
            counters.largestDrift = confirmation.drift.largest
            counters.band = confirmation.drift.band
            guard decided else { return }
            counters.decisions += 1
            counters.lag = lag
        }
        guard decided else { return }
        for (label, score) in window.scores.enumerated() {
            if let transition = machines[label].observe(score: score, at: arrival) {
                output.transition(transition, label: label, confirmed: window.isExact, of: stream.specification)
            }
        }
        output.decided(
            Decision(
                time: arrival,
                lag: lag,
                scores: window.scores,
                logits: window.logits,
                confirmed: window.isExact
            ),
            of: stream.specification
        )
    }

    /// Lets the published model decide where a cached score should not decide alone, and now and then to see its drift.
    private mutating func checkExactly(at time: Duration) {
        let specification = stream.specification
        // The same window was asked about before.
        guard isCached, window.isFresh, !window.isExact else { return }
        if specification.audit > 0, Double.random(in: 0..<1) < specification.audit {
            let cached = window.scores
            window.decideExactly()
            confirmation.drift.add(zip(cached, window.scores).reduce(0) { max($0, abs($1.0 - $1.1)) })
        } else if specification.confirm, confirmation.isNeeded(scores: window.scores, machines: machines, at: time) {
            window.decideExactly()
        }
    }

    /// Ends the open events where the source was lost since the last look.
    mutating func noticeLoss() {
        guard stream.lost.exchange(false, ordering: .acquiringAndReleasing) else { return }
        window.clear()
        end(.sourceLost)
    }

    mutating func end(_ reason: EndReason) {
        for label in machines.indices {
            if let transition = machines[label].end(reason, at: MonotonicTime.now) {
                output.transition(transition, label: label, confirmed: window.isExact, of: stream.specification)
            }
        }
    }
}
