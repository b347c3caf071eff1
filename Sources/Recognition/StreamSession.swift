import Events
import Frames
import Synchronization
import System
import XCLIP

/// One live stream on the inference thread: pictures from its ring, what they led to out to the daemon.
struct StreamSession {
    let stream: InferenceWorker.Stream
    private let output: any RecognitionOutput
    private var recogniser: StreamRecogniser
    private var epoch: Int?
    private var arrival: Duration?

    init(stream: InferenceWorker.Stream, encoder: FrameEncoder, output: any RecognitionOutput) {
        self.stream = stream
        self.output = output
        recogniser = StreamRecogniser(
            specification: stream.specification,
            embeddings: stream.embeddings,
            encoder: encoder,
            auditSeed: UInt64.random(in: .min ... .max)
        )
    }

    var reuse: ReuseLevel { stream.specification.reuse }

    mutating func replaceRules(_ rules: [EventRules]) { recogniser.replaceRules(rules) }

    /// Offers the newest waiting picture to the window. Returns false where none waits.
    mutating func takeNewest() -> Bool {
        guard let picture = stream.ring.take() else { return false }
        if picture.epoch != epoch {
            recogniser.interrupt()
            epoch = picture.epoch
        }
        recogniser.offer(picture.frame, pixels: picture.pixels)
        arrival = picture.arrival
        return true
    }

    /// After the batch: decides where a picture of this stream was in it.
    mutating func decideIfTaken(batchBegun: Duration) {
        guard let arrival else { return }
        self.arrival = nil
        let decided = recogniser.decide(at: arrival)
        let now = MonotonicTime.now
        let lag = now - arrival
        let (specification, output, isExact) = (recogniser.specification, output, recogniser.isExact)
        if decided {
            recogniser.moveEvents(at: arrival) { transition, label in
                output.transition(transition, label: label, confirmed: isExact, of: specification)
            }
        }
        stream.counters.withLock { counters in
            counters.frames = recogniser.counts
            counters.checks = recogniser.checks
            counters.largestDrift = recogniser.largestDrift
            counters.band = recogniser.band
            guard decided else { return }
            counters.decisions += 1
            counters.lag = lag
            counters.inference.add(seconds: (now - batchBegun).seconds)
            countEvents(into: &counters)
        }
        guard decided else { return }
        output.decided(
            Decision(
                time: arrival,
                lag: lag,
                scores: recogniser.scores,
                logits: recogniser.logits,
                confirmed: isExact
            ),
            of: specification
        )
    }

    /// Writes into the array that is there: a decision allocates nothing.
    private func countEvents(into counters: inout InferenceWorker.StreamCounters) {
        for (label, counts) in recogniser.eventCounts.enumerated() { counters.events[label] = counts }
    }

    /// Ends the open events where that was asked for since the last look.
    mutating func noticeEnding() {
        let reason = stream.ending.withLock { ending in
            defer { ending = nil }
            return ending
        }
        guard let reason else { return }
        recogniser.forgetWindow()
        end(reason)
    }

    mutating func end(_ reason: EndReason) {
        let (specification, output, isExact) = (recogniser.specification, output, recogniser.isExact)
        recogniser.end(reason, at: MonotonicTime.now) { transition, label in
            output.transition(transition, label: label, confirmed: isExact, of: specification)
        }
        stream.counters.withLock { countEvents(into: &$0) }
    }
}
