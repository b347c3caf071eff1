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
    private var epoch: Int?
    private var arrival: Duration?

    init(stream: InferenceWorker.Stream, encoder: FrameEncoder, output: any RecognitionOutput) {
        self.stream = stream
        self.output = output
        window = WindowSession(specification: stream.specification, embeddings: stream.embeddings, encoder: encoder)
        machines = stream.specification.labels.map { LabelEventMachine(rules: $0.rules) }
    }

    var isCached: Bool { stream.specification.reuse == .cached }

    /// Puts the newest waiting picture into the encoder's batch. Returns false where none waits.
    mutating func takeNewest() -> Bool {
        guard let picture = stream.ring.take() else { return false }
        if picture.epoch != epoch {
            window.clear()
            epoch = picture.epoch
        }
        window.enqueue(picture.frame, pixels: picture.pixels)
        arrival = picture.arrival
        return true
    }

    /// After the batch: decides where a picture of this stream was in it.
    mutating func decideIfTaken() {
        guard let arrival else { return }
        self.arrival = nil
        let decided = window.decide()
        let lag = MonotonicTime.now - arrival
        stream.counters.withLock { counters in
            counters.encodedFrames += 1
            guard decided else { return }
            counters.decisions += 1
            counters.lag = lag
        }
        guard decided else { return }
        for (label, score) in window.scores.enumerated() {
            if let transition = machines[label].observe(score: score, at: arrival) {
                output.transition(transition, label: label, of: stream.specification)
            }
        }
        output.decided(
            Decision(time: arrival, lag: lag, scores: window.scores, logits: window.logits),
            of: stream.specification
        )
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
                output.transition(transition, label: label, of: stream.specification)
            }
        }
    }
}
