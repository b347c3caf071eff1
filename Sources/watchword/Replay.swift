import ArgumentParser
import Foundation
import Offline
import Settings
import Text

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the configuration over recordings.",
        discussion: """
            Treats recordings as the daemon treats the live stream, with its window, gate,
            confirm, background, crop, masks, labels and rules, as fast as the machine
            allows. Prints the events that the daemon would have emitted, as `watchword
            events` shows them; times count from each recording's first picture. A summary
            follows: for each label its events, events per hour, share of the time and
            highest score; and the processor time that the stream takes. Active hours are
            ignored.

            With --truth, it also shows how well each label's events match what truly
            happened, now and at the label's best threshold. A truth file is that of
            `eval`; it names labels as the configuration does, or by a text of theirs.
            `calibrate` proposes thresholds from it.

            A threshold that is learned (threshold: auto) starts as on a daemon without a
            history. With --history or --quiet it starts where days of such footage
            would have brought it.

            --sweep shows the events at other thresholds, with the release in the same
            ratio; --windows does so for other windows too. The scores are those of the
            run: if confirm made the exact pass decide, that score stays. Other thresholds
            confirm nothing again.

            Example:
              watchword replay yesterday.mp4 --config mine.yaml --stream yard
              watchword replay day.mp4 --truth day.csv --config tuned.yaml \\
                --chart scores.svg
              watchword replay day.mp4 night.mp4 --sweep --windows 3s,5s,8s
              watchword replay day.mp4 --truth day.csv --quiet quiet.mp4
            """
    )

    @Argument(help: "Recordings of the stream, each from its start.", completion: .file())
    var videos: [String]

    @OptionGroup var recorded: RecordedStreamChoice

    @Option(
        help: ArgumentHelp(
            "What truly happened in a recording: CSV, label,start,end; once for each recording, in their order.",
            valueName: "file"
        ),
        completion: .file()
    )
    var truth: [String] = []

    @Option(
        help: ArgumentHelp("With --truth: how far events may be from the truth. (default: 1s)", valueName: "time"),
        transform: spanOrZero
    )
    var tolerance: Duration?

    @OptionGroup var lesson: LessonOptions

    @Flag(help: "Also count the events at other thresholds.")
    var sweep = false

    @Option(
        help: ArgumentHelp("With --sweep: other windows to try, such as 3s,5s,8s.", valueName: "times"),
        transform: windowList
    )
    var windows: [Duration] = []

    @Option(
        help: ArgumentHelp("Write the scores over time as an SVG file.", valueName: "file.svg"),
        completion: .file(extensions: ["svg"])
    )
    var chart: String?

    @Flag(help: "Print the socket's lines with the recording's path as `video`, then one summary object.")
    var json = false

    func validate() throws {
        if !truth.isEmpty, truth.count != videos.count {
            throw ValidationError(
                "Give each recording its --truth: there are \(videos.count) and \(truth.count) --truth."
            )
        }
        if tolerance != nil, truth.isEmpty { throw ValidationError("--tolerance goes with --truth.") }
        if !windows.isEmpty && !sweep { throw ValidationError("--windows goes with --sweep.") }
        var seen = Set<Duration>()
        if let twice = windows.first(where: { !seen.insert($0).inserted }) {
            throw ValidationError("--windows has \(twice.configured) twice.")
        }
    }

    func run() throws {
        let configuration = try recorded.file.load()
        let (stream, model) = try configuredStream(recorded.stream, of: configuration)
        if let chart { try checkWritable(chart) }
        var options = RecordingReplay.Options(stream: stream, model: model, videos: videos)
        options.sweeps = sweep
        options.truth = truth
        options.tolerance = tolerance ?? options.tolerance
        options.windows = windows
        options.lesson = try lesson.lesson(for: configuration)
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
        try printLine(json ? report.json() : report.text)
    }

    /// Fails before the work rather than after it.
    private func checkWritable(_ path: String) throws {
        let directory = (path as NSString).deletingLastPathComponent
        guard FileManager.default.isWritableFile(atPath: directory.isEmpty ? "." : directory) else {
            throw OperationError(
                "cannot write \(path): its directory does not exist or is not writable; choose another"
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

/// A configuration and the stream in it whose recordings are given: the options that `replay` and `calibrate` share.
struct RecordedStreamChoice: ParsableArguments {
    @OptionGroup var file: ConfigurationFile

    @Option(
        help: ArgumentHelp(
            "The stream that the recordings are of. Required if the configuration has several.",
            valueName: "name"
        )
    )
    var stream: String?

    /// - Throws: `ConfigurationError`; `ValidationError` if the stream does not exist, or if none is named and there are several.
    func load() throws -> (stream: StreamConfiguration, model: String) {
        try configuredStream(stream, of: file.load())
    }
}

/// The stream of that name, or the only stream if the name is nil, and the path of its model.
///
/// - Throws: `ValidationError` if the stream does not exist, or if none is named and there are several.
func configuredStream(_ name: String?, of configuration: Configuration) throws -> (
    stream: StreamConfiguration, model: String
) {
    do {
        return (try configuration.stream(named: name), configuration.model.path)
    } catch {
        throw ValidationError(error.message)
    }
}
