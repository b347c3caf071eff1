import Capture
import ConfigurationText
import Events
import Foundation
import Kernels
import Models
import Recognition
import ScoreHistory
package import Settings
import System
package import Text
package import Tuning
import XCLIP

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

        /// What the history has of each label outside of `except`; nil for those of which it has nothing.
        func histories(_ warn: (String) -> Void) throws -> [LabelHistory?] {
            guard let (journal, since) = history else { return stream.labels.map { _ in nil } }
            let rest = try StreamHistories(stream, model: model, journal: journal, since: since, warn: warn).labels
                .map { history in history.map { $0.without(except) }.flatMap { $0.covered > .zero ? $0 : nil } }
            guard rest.contains(where: { $0 != nil }) else {
                throw OperationError(
                    "the history of the stream \(stream.name) has nothing outside of --except; leave out less, or begin earlier"
                )
            }
            return rest
        }
    }

    /// What there is of one label.
    private struct Taken {
        var footage = QuietFootage()
        /// What a learned threshold has come to; nil for one that is not learned.
        var level: LearnedThreshold?
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
        try stream.requireLabels()
        var taken = zip(stream.labels, stream.specification.learnedThresholds).map { Taken(level: $1) }
        let covered = try addHistory(to: &taken, warn)
        let recorded = options.videos.isEmpty ? 0 : try addRecordings(to: &taken, progress, warn)
        var report = CalibrationReport(
            stream: stream.name,
            window: stream.window,
            reuse: stream.reuse.rawValue,
            temperature: stream.temperature,
            falsePerDay: options.falsePerDay,
            recordings: options.videos.count,
            seconds: recorded + covered,
            historySeconds: covered
        )
        for (label, taken) in zip(stream.labels, taken) {
            progress("thresholds of \(label.name)")
            let calibration = ThresholdCalibration(
                taken.footage,
                rules: label.rules,
                learned: taken.level,
                temperature: stream.temperature
            )
            report.add(label.name, calibration)
        }
        report.patch = try ProposedPatch(
            report.changes,
            to: options.file,
            stream: stream.name,
            environment: options.environment
        )
        return report
    }

    /// - Returns: the seconds of all recordings.
    private func addRecordings(
        to taken: inout [Taken],
        _ progress: (String) -> Void,
        _ warn: (String) -> Void
    ) throws -> Double {
        LibAVLog.mute()
        let stream = options.stream
        let recorded = try RecordedStream(stream, model: options.model, threads: options.threads)
        let outcomes = try recorded.run(all: options.videos, progress: progress, warn: warn)
        for outcome in outcomes {
            for label in taken.indices {
                let scores = outcome.scores(ofLabel: label, labels: taken.count)
                taken[label].footage.add(
                    trace: scores.map {
                        (time: $0.time, lead: Lead.ofScore($0.score, temperature: stream.temperature))
                    },
                    of: outcome.video,
                    seconds: outcome.seconds
                )
                taken[label].level?.learn([scores])
            }
        }
        // Days are taken to be like the recordings, however short these are.
        for label in taken.indices { taken[label].level?.settle() }
        return outcomes.reduce(0) { $0 + $1.seconds }
    }

    /// - Returns: the seconds that the label with the longest history has.
    private func addHistory(to taken: inout [Taken], _ warn: (String) -> Void) throws -> Double {
        var longest = 0.0
        for (label, history) in try options.histories(warn).enumerated() {
            guard let history else { continue }
            taken[label].footage.add(history)
            taken[label].level?.learn(history, temperature: options.stream.temperature)
            longest = max(longest, history.covered / .seconds(1))
        }
        return longest
    }
}
