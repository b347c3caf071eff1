import Events
import Frames
import Synchronization
import System
import XCLIP

/// One live stream on the inference thread: pictures from its ring, what they led to out to the daemon.
final class StreamSession {
    let stream: InferenceWorker.Stream
    let precision: Precision
    private let output: any RecognitionOutput
    private var recogniser: StreamRecogniser
    private var epoch: Int?
    /// When its picture in the step under way arrived.
    private var arrival: Duration?
    /// Its step is of no use any more: it ends or is removed as soon as that is over.
    var isLeaving = false
    /// It was removed: no picture that still waits begins an event.
    private var isRemoved = false
    /// Its window is of a source that is gone. Forgotten before the next picture, since a step under way may compute on it.
    private var forgetsWindow = false

    init(stream: InferenceWorker.Stream, encoder: FrameEncoder, output: any RecognitionOutput) {
        self.stream = stream
        self.output = output
        precision = stream.specification.precision(of: encoder.model)
        recogniser = StreamRecogniser(
            specification: stream.specification,
            embeddings: stream.embeddings,
            encoder: encoder,
            auditSeed: UInt64.random(in: .min ... .max),
            learned: stream.learned
        )
    }

    var reuse: ReuseLevel { recogniser.specification.reuse }
    /// The most frames that one picture puts into a batch.
    var mostFrames: Int { recogniser.specification.view.mostParts }
    /// Whether the step under way has a picture of it, and its scores are still wanted.
    var isInStep: Bool { arrival != nil }
    /// Whether it is to end, which `noticeEnding` will do.
    var isEnding: Bool { stream.ending.withLock { $0 != nil } }

    func replaceRules(_ rules: [EventRules], learned: [LearnedThreshold?]?) {
        recogniser.replaceRules(rules, learned: learned)
        stream.specification = recogniser.specification
    }

    func restartEvents() {
        recogniser.restartEvents()
        stream.counters.withLock { countEvents(into: &$0) }
    }

    /// Offers the newest waiting picture to the window.
    ///
    /// - Returns: false if none waits.
    func takeNewest(into batch: inout FrameBatch) -> Bool {
        guard !isRemoved, let picture = stream.ring.take() else { return false }
        if forgetsWindow {
            recogniser.forgetWindow()
            forgetsWindow = false
        }
        if picture.epoch != epoch {
            recogniser.interrupt()
            epoch = picture.epoch
        }
        let (specification, output) = (recogniser.specification, output)
        recogniser.moveSignals(picture.frame, at: picture.arrival) { transition, label in
            output.transition(transition, label: label, confirmed: true, of: specification)
        }
        recogniser.offer(picture.frame, pixels: picture.pixels, into: &batch)
        arrival = picture.arrival
        return true
    }

    /// After the batch: scores the window if a decision is due, and moves the events on.
    func decide(batchBegun: Duration) {
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
            counters.drift = recogniser.drift
            counters.int8Drift = recogniser.int8Drift
            countEvents(into: &counters)
            guard decided else { return }
            counters.decisions += 1
            counters.lag = lag
            counters.inference.add(seconds: (now - batchBegun).seconds)
        }
        guard decided else { return }
        stream.decisions?.append(arrival, recogniser.scores)
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

    /// Writes into the arrays that are there: a decision allocates nothing.
    private func countEvents(into counters: inout InferenceWorker.StreamCounters) {
        for (label, counts) in recogniser.eventCounts.enumerated() { counters.events[label] = counts }
        for label in counters.learned.indices { counters.learned[label] = recogniser.learned[label]?.reading }
    }

    /// Ends the open events if that was asked for since the last look.
    func noticeEnding() {
        let reason = stream.ending.withLock { ending in
            defer { ending = nil }
            return ending
        }
        guard let reason else { return }
        // A picture that waits is of the source that is gone, too.
        stream.ring.discard()
        forgetsWindow = true
        end(reason)
        isLeaving = false
    }

    /// Ends the open events for good.
    func remove(_ reason: EndReason) {
        isRemoved = true
        end(reason)
    }

    /// Ends the open events; a picture of the step under way is not scored.
    func end(_ reason: EndReason) {
        arrival = nil
        let (specification, output, isExact) = (recogniser.specification, output, recogniser.isExact)
        recogniser.end(reason, at: MonotonicTime.now) { transition, label in
            let confirmed = isExact || specification.isSignal(at: label)
            output.transition(transition, label: label, confirmed: confirmed, of: specification)
        }
        stream.counters.withLock { countEvents(into: &$0) }
    }
}
