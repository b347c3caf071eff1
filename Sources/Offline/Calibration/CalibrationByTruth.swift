import Capture
import Settings
import Text
package import Tuning
import XCLIP

/// Proposes each label's threshold from recordings of which it is known what truly happened: what `calibrate --truth` does.
package struct CalibrationByTruth {
    private let options: RecordingCalibration.Options
    private let recordings: [(video: String, truth: String)]
    /// As far as `replay` and `eval` let events be from the truth.
    private static let tolerance = 1.0

    /// - Parameters:
    ///   - recordings: each with its truth file.
    ///   - options: their videos and history are of the quiet scene.
    package init(_ recordings: [(video: String, truth: String)], _ options: RecordingCalibration.Options) {
        self.options = options
        self.recordings = recordings
    }

    /// - Throws: `CheckpointError`, `CaptureError`, `ConfigurationError` if the file has become invalid, or `OperationError`
    ///   if a truth file cannot be used, or no recording fills a window.
    package func run(
        progress: (String) -> Void = { _ in },
        warn: (String) -> Void = { _ in }
    ) throws -> TruthCalibrationReport {
        let stream = options.stream
        try stream.requireLabels()
        let truth = try RecordedTruth(recordings.map(\.truth), of: stream)
        for warning in truth.warnings { warn(warning) }
        let histories = try options.histories(warn)
        LibAVLog.mute()
        let recorded = try RecordedStream(stream, model: options.model, threads: options.threads)
        let videos = recordings.map(\.video) + options.videos
        let outcomes = try recorded.run(all: videos, progress: progress, warn: warn)
        var report = TruthCalibrationReport(
            stream: stream.name,
            window: stream.window,
            reuse: stream.reuse.rawValue,
            recordings: recordings.count,
            seconds: outcomes.reduce(0) { $0 + $1.seconds },
            quiet: quiet
        )
        for (label, configuration) in stream.labels.enumerated() {
            if quiet == .history, histories[label] == nil {
                warn("\(configuration.name): its quiet level is learned from the recordings instead")
            }
            progress("threshold of \(configuration.name)")
            let made = outcomes.enumerated().map { index, outcome in
                ThresholdSweep.Recording(
                    scores: outcome.scores(ofLabel: label, labels: stream.labels.count),
                    truth: index < recordings.count ? truth.events[index][label] : nil
                )
            }
            let calibration = TruthCalibration(
                Array(made.prefix(recordings.count)),
                footage: Array(made.dropFirst(recordings.count)),
                history: histories[label],
                rules: configuration.rules,
                window: stream.window / .seconds(1),
                temperature: stream.temperature,
                tolerance: Self.tolerance
            )
            report.add(configuration.name, calibration)
        }
        report.patch = try ProposedPatch(
            report.changes,
            to: options.file,
            stream: stream.name,
            environment: options.environment
        )
        return report
    }

    private var quiet: TruthCalibrationReport.Quiet {
        guard options.history != nil else { return options.videos.isEmpty ? .recordings : .footage }
        return options.videos.isEmpty ? .history : .footageAndHistory
    }
}

extension StreamConfiguration {
    /// - Throws: `OperationError` if the model scores none of its labels.
    func requireLabels() throws(OperationError) {
        guard labels.isEmpty else { return }
        throw OperationError(
            "stream \(name) has only signals, whose scores need no calibration; name a stream with labels in words"
        )
    }
}
