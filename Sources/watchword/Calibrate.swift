import ArgumentParser
import Offline
import Settings
import Text

struct Calibrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Propose thresholds from footage in which nothing happened.",
        discussion: """
            Takes recordings in which none of the stream's labels happened, or the history
            of scores that the daemon keeps beside its journal: every event there is false.
            For each label it proposes the lowest threshold that is shown to keep false
            events as rare as --false-per-day, with a release in the same ratio. No
            threshold goes below 0.5, unless it is already lower. The output is a diff of
            the configuration file for `patch`.

            Even without a single event, it takes 3.7 days to show one a day. On less, no
            threshold is lowered; a label with more events than wanted is raised above all
            that was seen. The events that it counted are named, the highest first: leave
            real ones out, with --history by --except.

            Example:
              watchword calibrate --history 7d --config mine.yaml --stream yard >new.diff
              watchword calibrate --background quiet.mp4 night.mp4 --config mine.yaml >new.diff
              patch mine.yaml new.diff
            """
    )

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Recordings in which nothing happened.", valueName: "video"),
        completion: .file()
    )
    var background: [String] = []

    @Option(
        help: ArgumentHelp("Use the scores that the daemon has kept for so long, such as 7d.", valueName: "time"),
        transform: span
    )
    var history: Duration?

    @Option(
        help: ArgumentHelp(
            "With --history: when something did happen, as 2026-11-20T08:00Z/2026-11-20T09:30Z; may be given again.",
            valueName: "from/to"
        ),
        transform: utcSpan
    )
    var except: [Range<UTCTime>] = []

    @Option(help: ArgumentHelp("The number of false events per day that each label may cause.", valueName: "n"))
    var falsePerDay = 1.0

    @OptionGroup var recorded: RecordedStreamChoice

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if background.isEmpty, history == nil { throw ValidationError("Give --background VIDEO… or --history TIME.") }
        if !except.isEmpty, history == nil { throw ValidationError("--except goes with --history.") }
        if !(0.001...10_000).contains(falsePerDay) {
            throw ValidationError("--false-per-day must be from 0.001 to 10000.")
        }
    }

    func run() throws {
        let configuration = try recorded.file.load()
        let (stream, model) = try configuredStream(recorded.stream, of: configuration)
        var options = RecordingCalibration.Options(
            file: recorded.file.config,
            stream: stream,
            model: model,
            videos: background
        )
        options.falsePerDay = falsePerDay
        if let history {
            options.history = (try historyJournal(of: configuration), WallClock.now - history)
            options.except = except
        }
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
