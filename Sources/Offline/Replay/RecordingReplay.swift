import Capture
import EventFeed
import Events
import Kernels
import Models
import Recognition
package import Settings
import Text
import XCLIP

/// Runs a stream's configuration over recordings and reports the events that it would have emitted: what `replay` does.
package struct RecordingReplay {
    package struct Options: Sendable {
        package var stream: StreamConfiguration
        package var model: String
        package var videos: [String]
        /// What truly happened: a truth file for each video, or none at all.
        package var truth: [String] = []
        /// How far events may be from the truth.
        package var tolerance = Duration.seconds(1)
        /// What thresholds that are learned have seen before the first video.
        package var lesson = ThresholdLesson()
        /// Whether events are also counted for a row of thresholds …
        package var sweeps = false
        /// … and with these windows beside the stream's own.
        package var windows: [Duration] = []
        package var threads = inferenceThreads()

        package init(stream: StreamConfiguration, model: String, videos: [String]) {
            self.stream = stream
            self.model = model
            self.videos = videos
        }
    }

    /// An event's record, as the socket would send it. Times count from the recording's first picture, which is placed at
    /// midnight of 1970-01-01, since the time of the recording is unknown.
    package struct Record: Sendable {
        package let video: String
        /// Which of the recordings it is, from 1: one may be given twice.
        package let recording: Int
        let event: LabelEvent
        let seq: UInt64

        /// The socket's line, with the recording's path as `video` at its end.
        package var json: String {
            var line = FeedRecord.event(event).line(seq: seq)
            line.add("video", video)
            return line.text
        }

        /// As `watchword events` shows it.
        package var text: String { EventLines.readable(event).escapingControlCharacters() }
    }

    private let options: Options

    package init(_ options: Options) { self.options = options }

    /// Calls `body` with each record as it comes, recording after recording.
    ///
    /// - Throws: `CheckpointError`, `CaptureError`, the errors of `body`, or `OperationError` if no recording fills a
    ///   window.
    package func run(
        progress: (String) -> Void = { _ in },
        warn: (String) -> Void = { _ in },
        _ body: (Record) throws -> Void
    ) throws -> ReplayReport {
        LibAVLog.mute()
        let truth = try RecordedTruth(options.truth, of: options.stream)
        for warning in truth.warnings { warn(warning) }
        let recorded = try RecordedStream(options.stream, model: options.model, threads: options.threads)
        try recorded.check(options.videos)
        var seq: UInt64 = 0
        var report = ReplayReport(
            stream: options.stream,
            model: recorded.loaded.model.name,
            truth: truth.events,
            tolerance: options.tolerance,
            showsSweep: options.sweeps
        )
        var learned = try options.lesson.learned(by: recorded, model: options.model, progress: progress, warn: warn)
        for (index, video) in options.videos.enumerated() {
            var identities = RecordIdentities(prefix: "replay-\(index + 1)")
            let place = place(of: index)
            let outcome = try recorded.run(video, learned: learned, progress: { progress($0 + place) }, warn: warn) {
                transition,
                label,
                confirmed in
                seq += 1
                let specification = options.stream.specification
                let event = LabelEvent(
                    transition,
                    of: label,
                    on: specification,
                    id: identities.id(of: label, after: transition),
                    startTime: Self.time(transition.startTime),
                    model: recorded.loaded.model.name,
                    confirmed: confirmed,
                    time: Self.time(transition.time)
                )
                try body(Record(video: video, recording: index + 1, event: event, seq: seq))
            }
            learned = outcome.learned
            report.add(outcome)
        }
        guard report.decisions > 0 || options.stream.labels.isEmpty else {
            throw OperationError(
                "no recording is as long as the window of \(options.stream.window.configured); "
                    + "give longer ones, or set a shorter window"
            )
        }
        if options.sweeps || !options.truth.isEmpty {
            report.addSweep(window: options.stream.window, of: report.outcomes)
            for window in options.windows where window != options.stream.window {
                let other = try recorded.with(window: window)
                let outcomes = try options.videos.enumerated().map { index, video in
                    let place = ", window \(window.configured)" + place(of: index)
                    return try other.run(video, progress: { progress($0 + place) }, warn: warn)
                }
                report.addSweep(window: window, of: outcomes)
            }
        }
        return report
    }

    private func place(of index: Int) -> String {
        options.videos.count > 1 ? ", recording \(index + 1) of \(options.videos.count)" : ""
    }

    private static func time(_ moment: Duration) -> UTCTime { UTCTime(microseconds: 0) + moment }
}

/// Names events one after another, so that a replay of the same recordings says the same.
private struct RecordIdentities {
    let prefix: String
    private var count = 0
    private var open: [Int: String] = [:]

    init(prefix: String) { self.prefix = prefix }

    mutating func id(of label: Int, after transition: Transition) -> String {
        if case .started = transition.kind {
            count += 1
            open[label] = "\(prefix)-\(count)"
        }
        return open[label] ?? prefix
    }
}
