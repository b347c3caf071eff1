import ArgumentParser
import Offline
import Settings
import Text
import Tuning

struct Calibrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Propose thresholds from footage in which nothing happened, or whose truth is known.",
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

            With --events and --truth, it takes recordings of which it is known what truly
            happened. A truth file is that of `eval`. For each label it shows F1 at the
            threshold in force, at the one that `threshold: auto` has and at the best one,
            and proposes one between these two: n / (n + 5) of the way to the best, in
            logits, for n happenings. So few happenings change little, and ten or more do
            most of it. A label stays as it is if nothing of it happened, or if F1 gains
            nothing. What `auto` has is learned from --background and --history, if given,
            else from the recordings outside of the happenings. An event in --background
            is a false one.

            Example:
              watchword calibrate --history 7d --config mine.yaml --stream yard >new.diff
              watchword calibrate --background quiet.mp4 night.mp4 \\
                --config mine.yaml >new.diff
              watchword calibrate --events day.mp4 --truth day.csv \\
                --config mine.yaml >new.diff
              patch mine.yaml new.diff
            """
    )

    @Option(
        help: ArgumentHelp(
            "A recording whose truth is known; may be given again, each with its --truth.",
            valueName: "video"
        ),
        completion: .file()
    )
    var events: [String] = []

    @Option(
        help: ArgumentHelp("What truly happened in it: CSV, label,start,end.", valueName: "file"),
        completion: .file()
    )
    var truth: [String] = []

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

    @Option(
        help: ArgumentHelp("The number of false events per day that each label may cause. (default: 1)", valueName: "n")
    )
    var falsePerDay: Double?

    @OptionGroup var recorded: RecordedStreamChoice

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if events.count != truth.count {
            throw ValidationError(
                "Give each --events its --truth: there are \(events.count) --events and \(truth.count) --truth."
            )
        }
        if background.isEmpty, history == nil, events.isEmpty {
            throw ValidationError("Give --background VIDEO…, --history TIME, or --events VIDEO with --truth FILE.")
        }
        if !except.isEmpty, history == nil { throw ValidationError("--except goes with --history.") }
        guard let falsePerDay else { return }
        if !events.isEmpty {
            throw ValidationError("--false-per-day goes without --truth, by which thresholds are chosen for F1.")
        }
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
        options.falsePerDay = falsePerDay ?? options.falsePerDay
        if let history {
            options.history = (try historyJournal(of: configuration), WallClock.now - history)
            options.except = except
        }
        var bar = ProgressLine()
        defer { bar.clear() }
        let known = zip(events, truth).map { (video: $0, truth: $1) }
        let text = try withBar(&bar) { progress, warn in
            guard known.isEmpty else {
                let report = try CalibrationByTruth(known, options).run(progress: progress, warn: warn)
                return json ? report.json : report.text
            }
            let report = try RecordingCalibration(options).run(progress: progress, warn: warn)
            return json ? report.json : report.text
        }
        bar.clear()
        try printLine(text)
    }
}
