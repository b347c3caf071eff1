import ArgumentParser
import Offline
import Settings
import Text

struct Why: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show why a label had an event at a time, or why it had none.",
        discussion: """
            Reads the scores that the daemon keeps beside its journal: every decision of
            the last day, and before that a summary of each minute. It prints the label's
            scores around the time, each with its lead over the background in logits, and
            what the rules made of them: the event, or what held it back. A score may be
            short of the threshold, too brief for min_duration, or within the cooldown of
            another event.

            To see which texts made a score, run `watchword labels` on the event's clip.

            Example:
              watchword why yard 2026-11-20T08:12:30Z car --config mine.yaml
            """
    )

    @Argument(help: "The stream's name.")
    var stream: String

    @Argument(help: ArgumentHelp("When, in UTC, as 2026-11-20T08:12:30Z.", valueName: "time"), transform: utcMoment)
    var time: UTCTime

    @Argument(help: "The label's name, or one of its texts.")
    var label: String

    @Option(
        help: ArgumentHelp("How far around the time to look. (default: 15s)", valueName: "time"),
        transform: span
    )
    var around = HistoryReview.around

    @OptionGroup var file: ConfigurationFile

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let configuration = try file.load()
        let (chosen, model) = try configuredStream(stream, of: configuration)
        let review = try HistoryReview(
            chosen,
            label: label,
            at: time,
            around: around,
            model: model,
            journal: historyJournal(of: configuration),
            warn: { Outcome.complain("watchword: warning: \($0)") }
        )
        try printLine(json ? review.json : review.text)
    }
}

/// The journal beside which the history lies.
///
/// - Throws: `ValidationError` if the configuration has none.
func historyJournal(of configuration: Configuration) throws -> String {
    guard let journal = configuration.events.journal else {
        throw ValidationError(
            """
            The history needs events.journal in the configuration, beside which it lies: \
            the service's is /var/lib/watchword/events.sqlite.
            """
        )
    }
    return journal
}
