import ArgumentParser
import Models
import Offline

/// What `eval` is to look at: streams with their truth, or videos to hold levels beside one another on.
struct EvalInput: ParsableArguments {
    @Option(
        help: ArgumentHelp("A stream file to run; may be given again, each with its --truth.", valueName: "stream"),
        completion: .file()
    )
    var events: [String] = []

    @Option(
        help: ArgumentHelp("What truly happened on it: CSV, label,start,end.", valueName: "file"),
        completion: .file()
    )
    var truth: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Videos to hold the level beside exact on.", valueName: "video"),
        completion: .file()
    )
    var agreement: [String] = []

    @Option(
        help: "A directory with an X-CLIP checkpoint, a pulled model's name, or `embedded`.",
        completion: .directory
    )
    var model = ModelLocation.embedded

    @Option(
        help: ArgumentHelp(
            "exact, sweep, cached, or with --agreement self; may be given again. Unless given: all three, with --agreement sweep and cached.",
            valueName: "level"
        )
    )
    var reuse: [Agreement.Level] = []

    @Option(help: ArgumentHelp("What to look for as well; may be given again.", valueName: "text"))
    var label: [String] = []

    @Option(help: ArgumentHelp("A file with one label a line.", valueName: "file"), completion: .file())
    var labels: String?

    var isAgreement: Bool { !agreement.isEmpty }

    func validateTogether() throws {
        try validateLabels(label)
        if isAgreement {
            if !events.isEmpty || !truth.isEmpty {
                throw ValidationError("Give --events with --truth, or --agreement, not both.")
            }
            if label.isEmpty && labels == nil {
                throw ValidationError("Give at least one --label, or --labels FILE, with --agreement.")
            }
        } else {
            if events.isEmpty && truth.isEmpty {
                throw ValidationError("Give --events STREAM with --truth FILE, --data LIST, or --agreement VIDEO.")
            }
            if events.count != truth.count {
                throw ValidationError(
                    "Give each --events its --truth: there are \(events.count) of the one and \(truth.count) of the other."
                )
            }
            if reuse.contains(.alone) { throw ValidationError("--reuse self goes with --agreement only.") }
        }
        var seen = Set<Agreement.Level>()
        if let twice = reuse.first(where: { !seen.insert($0).inserted }) {
            throw ValidationError("--reuse \(twice.rawValue) is given twice.")
        }
    }
}
