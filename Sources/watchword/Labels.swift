import ArgumentParser
import Models
import Offline
import Settings
import Text

struct Labels: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show which text of a label carried its score, or how well the labels do on their camera.",
        discussion: """
            Scores a video as `recognise` does, at `exact`. For each label, it prints its
            texts, each with the mean and the highest logit that it has by itself and the
            share of the windows in which it was the label's best; then the texts against
            the label, each with the share of the windows in which it was above the label,
            and for each background text how many logits it takes from the label.
            A text that is never the best may go. With `combine: mean`, it may even harm.

            With --history in place of a video, it reads the scores that the daemon keeps
            beside its journal, of all streams or of --stream. For each label it prints how
            long it was watched, the quiet level (90 % of the time without an event are not
            above it), the threshold, how many events a day its rules make, the middle one
            of these events' peaks, and what that means.

            Example:
              watchword labels falls.mp4 --config mine.yaml --stream yard
              watchword labels --history 7d --config mine.yaml
              watchword labels falls.mp4 --label "a person falls" \\
                --label "someone collapses"
            """
    )

    @Argument(help: "The video: a file, or any URL that `run` takes.", completion: .file())
    var video: String?

    @OptionGroup var choice: LabelChoice

    @Option(
        help: ArgumentHelp("Use the scores that the daemon has kept for so long, such as 7d.", valueName: "time"),
        transform: span
    )
    var history: Duration?

    @Flag(help: "Print one JSON object per label.")
    var json = false

    func validate() throws {
        guard history != nil else {
            if video == nil { throw ValidationError("Give a <video>, or --history TIME.") }
            return try choice.requireLabels()
        }
        if video != nil { throw ValidationError("Give a <video>, or --history TIME, not both.") }
        if !choice.label.isEmpty || choice.labels != nil || choice.model != nil || choice.sight.isGiven {
            throw ValidationError("--history goes with --config and --stream only: its scores are made.")
        }
    }

    func run() throws {
        if let history { return try study(history) }
        let options = try choice.options(video: video ?? "")
        var bar = ProgressLine()
        defer { bar.clear() }
        let reports = try TextStudy(options).run(progress: { bar.show($0) }) { warning in
            bar.clear()
            Outcome.complain("watchword: warning: \(warning)")
        }
        bar.clear()
        for (index, report) in reports.enumerated() {
            if index > 0, !json { try printLine("") }
            try printLine(json ? report.json : report.text)
        }
    }

    private func study(_ history: Duration) throws {
        let configuration = try Configuration.load(path: choice.config ?? ConfigurationFile.defaultPath)
        let journal = try historyJournal(of: configuration)
        let warn = { (warning: String) in Outcome.complain("watchword: warning: \(warning)") }
        let chosen =
            try choice.stream.map { [try configuredStream($0, of: configuration).stream] } ?? configuration.streams
        var shown = 0
        for stream in chosen where !stream.labels.isEmpty {
            do {
                let study = try HistoryStudy(
                    stream,
                    model: configuration.model.path,
                    journal: journal,
                    since: WallClock.now - history,
                    warn: warn
                )
                if shown > 0, !json { try printLine("") }
                shown += 1
                for line in json ? study.json : [study.text] { try printLine(line) }
            } catch let error as OperationError where chosen.count > 1 {
                warn(error.message)
            }
        }
        guard shown > 0 else {
            let names = chosen.map(\.name).joined(separator: ", ")
            throw OperationError(
                chosen.allSatisfy(\.labels.isEmpty)
                    ? "\(names): only signals, of which no scores are kept; name a stream with labels in words"
                    : "no stream has a history: a daemon with events.journal writes it beside the journal"
            )
        }
    }
}
