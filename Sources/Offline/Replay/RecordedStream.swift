import Capture
import Events
import Frames
import Models
import Recognition
package import Settings
import System
package import Text
import XCLIP

/// A configured stream at work on recordings: each is read from its start, as fast as it decodes, through what the daemon
/// does with the live stream. Time is the recording's: seconds since its first picture.
struct RecordedStream {
    /// The result of one recording.
    struct Outcome {
        let video: String
        /// From the first picture to the last.
        let seconds: Double
        let trace: ScoreTrace
        /// The signals' scores.
        let signalTrace: ScoreTrace
        /// The events of each label, the signals' last.
        let events: [[DetectedEvent]]
        let decisions: Int
        let exactPasses: Int
        let frames: WindowSession.Counts
        /// Each label's.
        let counts: [EventCounts]
        /// Each label's threshold as it was learned in the end; nil for the others.
        let learned: [LearnedThreshold?]
        /// Decoding and inference, all threads together.
        let processorSeconds: Double

        /// The scores of a label among all of the stream's, each with its time.
        func scores(ofLabel label: Int, labels: Int) -> [(time: Duration, score: Double)] {
            let (trace, label) = label < labels ? (trace, label) : (signalTrace, label - labels)
            return zip(trace.times, trace.scores(ofLabel: label)).map { ($0, $1) }
        }
    }

    /// The same in every run, so that every run audits the same decisions.
    private static let auditSeed: UInt64 = 1

    private(set) var stream: StreamConfiguration
    let loaded: LoadedModel
    private var embeddings: LabelEmbeddings
    private let encoder: FrameEncoder
    private let threads: Int

    init(_ stream: StreamConfiguration, model: String, threads: Int) throws {
        self.stream = stream
        self.threads = threads
        loaded = try LoadedModel.load(model, frames: stream.options.frames, precision: stream.options.precision)
        embeddings = try loaded.embeddings(ofStreams: [stream], threads: threads)[0]
        encoder = FrameEncoder(
            model: loaded.model,
            team: loaded.model.makeTeam(threads: threads),
            batch: stream.view.mostParts
        )
    }

    /// The same stream with another window. Its labels are taught again for that window; the encoder is shared.
    func with(window: Duration) throws -> RecordedStream {
        var other = self
        other.stream.options.window = window
        other.embeddings = try loaded.embeddings(ofStreams: [other.stream], threads: threads)[0]
        return other
    }

    private var interval: Double { stream.specification.interval(frames: loaded.model.configuration.frames) }

    func open(_ video: String) throws(CaptureError) -> VideoPictures {
        try VideoPictures(
            stream.recordingOptions(video, transform: loaded.model.transform, interval: interval)
        )
    }

    /// Runs one recording.
    ///
    /// - Parameters:
    ///   - video: its path.
    ///   - learned: what the recordings before it have shown of the thresholds that are learned; nil if it is the first.
    ///   - progress: gets a line for people.
    ///   - warn: gets a warning, such as that the recording does not fill a window.
    ///   - body: gets each transition, its label and whether the published model decided it.
    /// - Throws: `CaptureError` if the recording breaks, and the errors of `body`.
    func run(
        _ video: String,
        learned: [LearnedThreshold?]? = nil,
        progress: (String) -> Void,
        warn: (String) -> Void,
        _ body: (Transition, _ label: Int, _ confirmed: Bool) throws -> Void = { _, _, _ in }
    ) throws -> Outcome {
        let start = ProcessorTime.seconds
        var lane = EvaluationLane(
            stream.specification,
            embeddings: embeddings,
            encoder: encoder,
            auditSeed: Self.auditSeed,
            learned: learned
        )
        var clock = StreamClock(interval: interval)
        var (end, lastTime): (Double, Double?) = (0, nil)
        var pictures = try open(video)
        let duration = pictures.duration
        try pictures.forEach(damage: { warn(VideoPictures.damaged(video, count: $0)) }) { frame, pixels in
            let time = clock.time(of: frame)
            try lane.step(frame, pixels: pixels, at: .seconds(time), body)
            (end, lastTime) = (max(end, time), frame.time)
            progress(VideoPictures.progress(time, of: duration))
        }
        try lane.finish(at: .seconds(end), body)
        if let complaint = lane.recogniser.counts.complaint { warn("\(video): \(complaint)") }
        if lane.decisions == 0, !stream.labels.isEmpty {
            let remedy = "nothing was decided on it"
            warn("\(VideoPictures.tooShort(video, window: stream.window, lastTime: lastTime, remedy: remedy))")
        }
        return Outcome(
            video: video,
            seconds: end,
            trace: lane.trace,
            signalTrace: lane.signalTrace,
            events: lane.detected.map(\.events),
            decisions: lane.decisions,
            exactPasses: lane.exactPasses,
            frames: lane.recogniser.counts,
            counts: Array(lane.recogniser.eventCounts),
            learned: lane.recogniser.learned,
            processorSeconds: ProcessorTime.seconds - start
        )
    }

    /// Runs recordings one after another. Nothing is learned from one for the next.
    ///
    /// - Throws: as `run`, or `OperationError` if none of them fills a window.
    func run(all videos: [String], progress: (String) -> Void, warn: (String) -> Void) throws -> [Outcome] {
        try check(videos)
        let outcomes = try videos.enumerated().map { index, video in
            let place = videos.count > 1 ? ", recording \(index + 1) of \(videos.count)" : ""
            return try run(video, progress: { progress($0 + place) }, warn: warn)
        }
        guard outcomes.contains(where: { $0.decisions > 0 }) else {
            throw OperationError(
                "no recording is as long as the window of \(stream.window.configured); give longer ones"
            )
        }
        return outcomes
    }

    /// Opens each recording and closes it again, so that a wrong path is reported at once, not after hours.
    func check(_ videos: [String]) throws(CaptureError) {
        for video in videos { _ = try open(video) }
    }
}

extension Configuration {
    /// The stream of this name; without a name the only one there is.
    ///
    /// - Throws: `OperationError` if there is no such stream, or no name and several streams.
    package func stream(named name: String?) throws(OperationError) -> StreamConfiguration {
        let names = streams.map(\.name)
        if let name {
            if let stream = streams.first(where: { $0.name == name }) { return stream }
            throw OperationError("the configuration has no stream \"\(name)\"; it has \(names.joined(separator: ", "))")
        }
        if streams.count == 1, let stream = streams.first { return stream }
        throw OperationError(
            "the configuration has \(streams.count) streams; say with --stream whose recordings these are: "
                + names.joined(separator: ", ")
        )
    }
}
