import ArgumentParser
import Events
import Offline
import Settings
import Text

/// What thresholds that are learned have seen before recordings are replayed: the options that `replay` and `eval` share.
struct LessonOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "With threshold: auto, learn it from these recordings of the quiet scene first, as if days were like them.",
            valueName: "video"
        ),
        completion: .file()
    )
    var quiet: [String] = []

    @Option(
        help: ArgumentHelp(
            "With threshold: auto, learn it from the scores that the daemon has kept for so long first, such as 7d.",
            valueName: "time"
        ),
        transform: span
    )
    var history: Duration?

    var isGiven: Bool { !quiet.isEmpty || history != nil }

    func lesson(for configuration: Configuration) throws -> ThresholdLesson {
        var lesson = ThresholdLesson()
        lesson.background = quiet
        if let history { lesson.history = (try historyJournal(of: configuration), WallClock.now - history) }
        return lesson
    }
}
