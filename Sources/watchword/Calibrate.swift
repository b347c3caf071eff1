import ArgumentParser
import Offline

struct Calibrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Propose thresholds from footage in which nothing happened.",
        discussion: """
            Runs the stream's configuration, at its reuse level, over recordings in which
            none of its labels happened: every event there is false. For each label it
            proposes the lowest threshold that keeps false events as rare as
            --false-per-day, with a release in the same ratio. A threshold is never proposed
            below 0.5, unless it is already lower. The output is a diff of the configuration
            file for `patch`.

            A few hours of footage do not show a rate of one event per day. If the footage
            is too short, the tail of the scores is extrapolated, and the output marks what
            it cannot support. Give hours of day and night. Leave out real events.

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

    @Option(help: ArgumentHelp("The number of false events per day that each label may cause.", valueName: "n"))
    var falsePerDay = 1.0

    @OptionGroup var recorded: RecordedStreamChoice

    @Flag(help: "Print one JSON object.")
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
