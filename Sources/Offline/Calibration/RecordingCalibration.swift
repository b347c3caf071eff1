import Capture
import ConfigurationText
import Events
import Foundation
import Kernels
import Models
import ScoreHistory
package import Settings
import System
package import Text
import Tuning

/// Proposes each label's threshold from footage without events: what `calibrate` does.
package struct RecordingCalibration {
    package struct Options: Sendable {
        /// The configuration file, which is read again for the diff.
        package var file: String
        package var stream: StreamConfiguration
        package var model: String
        package var videos: [String]
        /// The journal whose daemon kept a history, and from when on it is read; nil for recordings alone.
        package var history: (journal: String, since: UTCTime)?
        /// Spans of the history in which something did happen.
        package var except: [Range<UTCTime>] = []
        package var falsePerDay = 1.0
        package var threads = inferenceThreads()
        package var environment = ProcessInfo.processInfo.environment

        package init(file: String, stream: StreamConfiguration, model: String, videos: [String]) {
            self.file = file
            self.stream = stream
            self.model = model
            self.videos = videos
        }
    }

    private let options: Options

    package init(_ options: Options) { self.options = options }

    /// - Throws: `CheckpointError`, `CaptureError`, `ConfigurationError` if the file has become invalid, or `OperationError`
    ///   if no recording fills a window.
    package func run(
        progress: (String) -> Void = { _ in },
        warn: (String) -> Void = { _ in }
    ) throws -> CalibrationReport {
        let stream = options.stream
        guard !stream.labels.isEmpty else {
            throw OperationError(
                "stream \(stream.name) has only signals, whose scores need no calibration; name a stream with labels in words"
            )
        }
        var footage = stream.labels.map { _ in QuietFootage() }
        let covered = try addHistory(to: &footage, warn)
        let recorded = options.videos.isEmpty ? 0 : try addRecordings(to: &footage, progress, warn)
        var report = CalibrationReport(
            stream: stream,
            falsePerDay: options.falsePerDay,
            recordings: options.videos.count,
            seconds: recorded + covered,
            historySeconds: covered
        )
        for (label, footage) in zip(stream.labels, footage) {
            progress("thresholds of \(label.name)")
            report.add(
                label.name,
                ThresholdCalibration(footage, rules: label.rules, temperature: stream.temperature)
            )
        }
        try edit(&report)
        return report
    }

    /// - Returns: the seconds of all recordings.
    private func addRecordings(
        to footage: inout [QuietFootage],
        _ progress: (String) -> Void,
        _ warn: (String) -> Void
    ) throws -> Double {
        LibAVLog.mute()
        let stream = options.stream
        let recorded = try RecordedStream(stream, model: options.model, threads: options.threads)
        try recorded.check(options.videos)
        let outcomes = try options.videos.enumerated().map { index, video in
            let place = options.videos.count > 1 ? ", recording \(index + 1) of \(options.videos.count)" : ""
            return try recorded.run(video, progress: { progress($0 + place) }, warn: warn)
        }
        guard outcomes.contains(where: { $0.decisions > 0 }) else {
            throw OperationError(
                "no recording is as long as the window of \(stream.window.configured); give longer ones"
            )
        }
        for outcome in outcomes {
            for label in footage.indices {
                let leads = outcome.trace.scores(ofLabel: label).map {
                    Lead.ofScore($0, temperature: stream.temperature)
                }
                footage[label].add(
                    trace: zip(outcome.trace.times, leads).map { (time: $0, lead: $1) },
                    of: outcome.video,
                    seconds: outcome.seconds
                )
            }
        }
        return outcomes.reduce(0) { $0 + $1.seconds }
    }

    /// - Returns: the seconds that the label with the longest history has.
    private func addHistory(to footage: inout [QuietFootage], _ warn: (String) -> Void) throws -> Double {
        guard let (journal, since) = options.history else { return 0 }
        let stream = options.stream
        let histories = try StreamHistories(stream, model: options.model, journal: journal, since: since, warn: warn)
        var longest = 0.0
        for (label, history) in histories.labels.enumerated() {
            guard let history = history?.without(options.except) else { continue }
            footage[label].add(history)
            longest = max(longest, history.covered / .seconds(1))
        }
        return longest
    }

    private func edit(_ report: inout CalibrationReport) throws {
        let text = try TextFile.load(options.file, limit: Configuration.fileLimit)
        let editor = ThresholdEditor(stream: options.stream.name, file: options.file) {
            [options] text in
            try? Configuration.decode(
                text,
                file: options.file,
                environment: options.environment,
                modelDefaults: ModelDefaults.ofModel
            )
        }
        let (edited, refused) = editor.apply(report.changes, to: text)
        report.diff = UnifiedDiff.text(from: text, to: edited, name: options.file)
        report.refused = Set(refused.map(\.label))
    }
}
