import Capture
import ConfigurationText
import Events
import Foundation
import Kernels
import Models
package import Settings
import System
import Text

/// Proposes each label's threshold from footage without events: what `calibrate` does.
package struct RecordingCalibration {
    package struct Options: Sendable {
        /// The configuration file, which is read again for the diff.
        package var file: String
        package var stream: StreamConfiguration
        package var model: String
        package var videos: [String]
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
        guard !options.stream.labels.isEmpty else {
            throw OperationError(
                "stream \(options.stream.name) has only signals, whose scores need no calibration; "
                    + "name a stream with labels in words"
            )
        }
        LibAVLog.mute()
        let recorded = try RecordedStream(options.stream, model: options.model, threads: options.threads)
        try recorded.check(options.videos)
        let outcomes = try options.videos.enumerated().map { index, video in
            let place = options.videos.count > 1 ? ", recording \(index + 1) of \(options.videos.count)" : ""
            return try recorded.run(video, progress: { progress($0 + place) }, warn: warn)
        }
        guard outcomes.contains(where: { $0.decisions > 0 }) else {
            throw OperationError(
                "no recording is as long as the window of \(options.stream.window.configured); give longer ones"
            )
        }
        var report = CalibrationReport(
            stream: options.stream,
            falsePerDay: options.falsePerDay,
            recordings: outcomes.count,
            seconds: outcomes.reduce(0) { $0 + $1.seconds }
        )
        for (index, label) in options.stream.labels.enumerated() {
            let calibration = ThresholdCalibration(
                traces: outcomes.map { outcome in
                    Array(zip(outcome.trace.times, outcome.trace.scores(ofLabel: index)).map { (time: $0, score: $1) })
                },
                seconds: report.seconds,
                rules: label.rules,
                stretch: options.stream.window + label.rules.minDuration + label.rules.hold + label.rules.cooldown
                    + label.rules.mergeGap
            )
            report.add(label.name, calibration)
        }
        try edit(&report)
        return report
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
