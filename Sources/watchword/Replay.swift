import ArgumentParser
import Foundation
import Offline
import Settings
import Text

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the configuration over recordings.",
        discussion: """
            Reads recordings as fast as the machine allows through what the daemon does with
            the live stream (its window, gate, confirm, background, crop, masks, labels and
            their rules) and prints the events that it would have emitted, as `watchword
            events` shows them; times count from each recording's first picture. Then, of
            each label: events, events an hour, the share of the time, the highest score;
            and the processor time that the stream takes. Active hours are not looked at.

            --sweep counts events for thresholds from 0.05 to 0.95, the release in the same
            ratio; with --windows also for other windows. The scores are those of the run:
            where confirm had the exact pass decide its score stands, and the other
            thresholds confirm nothing anew.

            Example:
              watchword replay yesterday.mp4 --config mine.yaml --stream yard
              watchword replay day.mp4 night.mp4 --sweep --windows 3s,5s,8s --chart scores.svg
            """
    )

    @Argument(help: "Recordings of the stream, each from its start.", completion: .file())
    var videos: [String]

    @OptionGroup var recorded: RecordedStreamChoice

    @Flag(help: "Also count events against threshold.")
    var sweep = false

    @Option(
        help: ArgumentHelp("With --sweep: other windows to try, as 3s,5s,8s.", valueName: "times"),
        transform: spans
    )
    var windows: [Duration] = []

    @Option(
        help: ArgumentHelp("Write the scores over time as an SVG.", valueName: "file.svg"),
        completion: .file(extensions: ["svg"])
    )
    var chart: String?

    @Flag(help: "The socket's lines with the recording's path as `video`, then one object of what it came to.")
    var json = false

    func validate() throws {
        if !windows.isEmpty && !sweep { throw ValidationError("--windows goes with --sweep.") }
        var seen = Set<Duration>()
        if let twice = windows.first(where: { !seen.insert($0).inserted }) {
            throw ValidationError("--windows has \(twice.configured) twice.")
        }
    }

    func run() throws {
        let (stream, model) = try recorded.load()
        if let chart { try checkWritable(chart) }
        var options = RecordingReplay.Options(stream: stream, model: model, videos: videos)
        options.sweeps = sweep
        options.windows = windows
        var bar = ProgressLine()
        defer { bar.clear() }
        var shown = 0
        let report = try RecordingReplay(options).run(
            progress: { bar.show($0) },
            warn: { warning in
                bar.clear()
                Outcome.complain("watchword: warning: \(warning)")
            }
        ) { record in
            bar.clear()
            if json { return try printLine(record.json) }
            if videos.count > 1, shown != record.recording { try printLine("-- \(record.video) --") }
            shown = record.recording
            try printLine(record.text)
        }
        bar.clear()
        if let chart { try write(report.chart, to: chart) }
        if !json && report.events > 0 { try printLine("") }
        try printLine(json ? report.json : report.text)
    }

    /// Told before the work, not after it.
    private func checkWritable(_ path: String) throws {
        let directory = (path as NSString).deletingLastPathComponent
        guard FileManager.default.isWritableFile(atPath: directory.isEmpty ? "." : directory) else {
            throw OperationError(
                "cannot write \(path): its directory does not exist or may not be written; choose another"
            )
        }
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw OperationError("cannot write \(path): \(error.localizedDescription)")
        }
    }
}

/// A configuration and, of its streams, the one whose recordings are given: what `replay` and `calibrate` share.
struct RecordedStreamChoice: ParsableArguments {
    @OptionGroup var file: ConfigurationFile

    @Option(
        help: ArgumentHelp("Whose recordings they are, where the configuration has several streams.", valueName: "name")
    )
    var stream: String?

    /// - Throws: `ConfigurationError`, or `ValidationError` where there is no such stream or a choice.
    func load() throws -> (stream: StreamConfiguration, model: String) {
        try configuredStream(stream, of: file.load())
    }
}

/// The stream of that name, or the only one, and the model it is watched with.
///
/// - Throws: `ValidationError` where there is no such stream or a choice.
func configuredStream(_ name: String?, of configuration: Configuration) throws -> (
    stream: StreamConfiguration, model: String
) {
    do {
        return (try configuration.stream(named: name), configuration.model.path)
    } catch {
        throw ValidationError(error.message)
    }
}
