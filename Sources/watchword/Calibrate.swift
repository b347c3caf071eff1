import ArgumentParser
import Offline

struct Calibrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Propose thresholds from your own footage of nothing.",
        discussion: """
            Runs the stream's configuration, at the reuse level in use, over recordings in
            which nothing of what it looks for happened: every event there is a false one.
            For each label it proposes the lowest threshold, and a release in the same ratio,
            that keeps false events as rare as --false-per-day asks, never below 0.5 unless
            it is already lower, and prints a diff of the configuration file for `patch`.

            Hours of footage do not show one event a day: where they are too short the tail
            of the scores is carried on beyond what was seen, and what cannot be said is
            said. Give hours, of day and night. Leave out what did happen.

            Example:
              watchword calibrate --background quiet.mp4 night.mp4 --false-per-day 1 --config mine.yaml >new.diff
              patch mine.yaml new.diff
            """
    )

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Recordings in which nothing happened.", valueName: "video"),
        completion: .file()
    )
    var background: [String]

    @Option(help: ArgumentHelp("How many false events a day each label may make.", valueName: "n"))
    var falsePerDay = 1.0

    @OptionGroup var recorded: RecordedStreamChoice

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        if !(0.001...10_000).contains(falsePerDay) {
            throw ValidationError("--false-per-day must be from 0.001 to 10000.")
        }
    }

    func run() throws {
        let (stream, model) = try recorded.load()
        var options = RecordingCalibration.Options(
            file: recorded.file.config,
            stream: stream,
            model: model,
            videos: background
        )
        options.falsePerDay = falsePerDay
        var bar = ProgressLine()
        defer { bar.clear() }
        let report = try RecordingCalibration(options).run(progress: { bar.show($0) }) { warning in
            bar.clear()
            Outcome.complain("watchword: warning: \(warning)")
        }
        bar.clear()
        try printLine(json ? report.json : report.text)
    }
}
