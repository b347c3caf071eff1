import Capture
import ConfigurationText
import Events
import Foundation
import Frames
import Kernels
import Models
import Recognition
package import Settings
import System
import Text
package import XCLIP

/// Runs stream files as the daemon runs a live stream and compares the events with the truth: what `eval --events` does.
/// Time is the stream's, never the wall clock's.
package struct Evaluation {
    package struct Options: Sendable {
        package var model: String
        /// Each stream's video and its truth file.
        package var streams: [(video: String, truth: String)]
        /// Watched beside those of the truth files.
        package var labels: [String] = []
        package var levels = ReuseLevel.allCases
        /// The daemon's settings of a stream; `reuse` is taken from `levels`.
        package var stream = StreamOptions()
        /// How far emitted events may be from true ones.
        package var tolerance: Duration = .seconds(1)
        /// Whether F1 is also reported for a row of thresholds.
        package var sweeps = false
        package var threads = inferenceThreads()

        package init(model: String, streams: [(video: String, truth: String)]) {
            self.model = model
            self.streams = streams
        }
    }

    /// The same in every run, so that every run audits the same decisions.
    private static let auditSeed: UInt64 = 1

    private let options: Options

    package init(_ options: Options) { self.options = options }

    /// - Parameters:
    ///   - progress: gets a line for people.
    ///   - warn: gets a warning about the input.
    /// - Returns: a report for each level, in the order of the options.
    /// - Throws: `CheckpointError`, `CaptureError`, or `OperationError` if a truth file or a video cannot be used.
    package func run(
        progress: (String) -> Void = { _ in },
        warn: (String) -> Void = { _ in }
    ) throws -> [EvaluationReport] {
        LibAVLog.mute()
        let truths = try options.streams.map { stream in
            do throws(ConfigurationError) {
                return try TruthFile.load(path: stream.truth)
            } catch {
                throw OperationError(error.description)
            }
        }
        let labels = try watched(truths)
        let loaded = try LoadedModel.load(options.model, precision: options.stream.precision)
        let specifications = options.levels.map { level in specification(level, labels) }
        let interval = specifications[0].interval(frames: loaded.model.configuration.frames)
        // All are opened before the first is read, so that a wrong path is reported at once, not after hours.
        for stream in options.streams { _ = try pictures(stream.video, loaded.model, interval) }
        let embeddings = try loaded.embeddings(of: specifications[0], threads: options.threads)
        let team = loaded.model.makeTeam(threads: options.threads)
        let encoder = FrameEncoder(model: loaded.model, team: team, batch: options.stream.view.mostParts)
        var reports = options.levels.map { EvaluationReport(reuse: $0, model: loaded.model.name, labels: labels) }
        var traces: [[ScoreTrace]] = options.levels.map { _ in [] }
        for (index, stream) in options.streams.enumerated() {
            var lanes = specifications.map {
                EvaluationLane($0, embeddings: embeddings, encoder: encoder, auditSeed: Self.auditSeed)
            }
            let place = options.streams.count > 1 ? ", stream \(index + 1) of \(options.streams.count)" : ""
            let end = try run(
                &lanes,
                over: try pictures(stream.video, loaded.model, interval),
                of: stream.video,
                interval: interval,
                progress: { progress($0 + place) },
                warn: warn
            )
            warnOfLateTruth(truths[index], end: end, video: stream.video, warn)
            let truth = labels.map { label in truths[index].rows.filter { $0.label == label }.map(\.event) }
            for (level, lane) in lanes.enumerated() {
                reports[level].add(lane, truth: truth, seconds: end, tolerance: options.tolerance / .seconds(1))
                if options.sweeps { traces[level].append(lane.trace) }
            }
        }
        if options.sweeps {
            let truth = truths.map { file in
                labels.map { label in file.rows.filter { $0.label == label }.map(\.event) }
            }
            for level in reports.indices { reports[level].sweep = sweep(traces[level], truth) }
        }
        return reports
    }

    /// The labels of the truth files in their order, then the others.
    private func watched(_ truths: [TruthFile]) throws -> [String] {
        var seen = Set<String>()
        let labels = (truths.flatMap { $0.rows.map(\.label) } + options.labels).filter { seen.insert($0).inserted }
        guard labels.isEmpty else { return labels }
        throw OperationError(
            "there is no label to watch: \(options.streams.map(\.truth).joined(separator: ", ")) has no event; "
                + "give a --label or --labels FILE"
        )
    }

    private func specification(_ level: ReuseLevel, _ labels: [String]) -> StreamSpecification {
        var stream = options.stream
        stream.reuse = level
        return stream.specification(
            name: "eval",
            labels: labels.map { StreamSpecification.Label(name: $0, text: $0, rules: stream.rules(of: $0)) }
        )
    }

    /// Decodes on this thread only, so that the processor time of inference can be separated from that of decoding.
    private func pictures(_ video: String, _ model: XCLIPModel, _ interval: Double) throws -> VideoPictures {
        try VideoPictures(
            video,
            transform: model.transform,
            interval: interval,
            view: options.stream.view,
            decodeThreads: 1
        )
    }

    /// All levels over one stream, each picture decoded once. Returns the stream time of the last picture.
    private func run(
        _ lanes: inout [EvaluationLane],
        over pictures: consuming VideoPictures,
        of video: String,
        interval: Double,
        progress: (String) -> Void,
        warn: (String) -> Void
    ) throws -> Double {
        var clock = StreamClock(interval: interval)
        var (last, lastTime): (Double, Double?) = (0, nil)
        let duration = pictures.duration
        try pictures.forEach(damage: { warn(VideoPictures.damaged(video, count: $0)) }) { frame, pixels in
            let time = clock.time(of: frame)
            for index in lanes.indices { lanes[index].step(frame, pixels: pixels, at: .seconds(time)) { _, _, _ in } }
            (last, lastTime) = (max(last, time), frame.time)
            progress(VideoPictures.progress(time, of: duration))
        }
        guard lanes.allSatisfy({ $0.decisions > 0 }) else {
            throw VideoPictures.tooShort(video, window: options.stream.window, lastTime: lastTime)
        }
        for index in lanes.indices { lanes[index].finish(at: .seconds(last)) { _, _, _ in } }
        return last
    }

    private func warnOfLateTruth(_ file: TruthFile, end: Double, video: String, _ warn: (String) -> Void) {
        guard let late = file.rows.first(where: { $0.event.start > end }) else { return }
        let seconds = { (value: Double) in String(format: "%.1f s", value) }
        warn(
            "\(file.path):\(late.line): this event starts at \(seconds(late.event.start)), after the last picture of "
                + "\(Redaction().redact(video)) at \(seconds(end))"
        )
    }

    /// 0.05, 0.10, …, 0.95: the release moves in the same ratio.
    private func sweep(_ traces: [ScoreTrace], _ truth: [[[TruthEvent]]]) -> [EvaluationReport.SweepPoint] {
        EventRules.sweptThresholds.map { threshold in
            let moved = options.stream.rules.moved(to: threshold)
            var tallies = [DetectionTally](repeating: DetectionTally(), count: truth[0].count)
            for (trace, truth) in zip(traces, truth) {
                for label in tallies.indices {
                    let detected = trace.events(ofLabel: label, rules: moved)
                    tallies[label].add(detected, truth[label], tolerance: options.tolerance / .seconds(1))
                }
            }
            return EvaluationReport.SweepPoint(threshold: threshold, release: moved.release, tallies: tallies)
        }
    }
}
