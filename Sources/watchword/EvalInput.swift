import ArgumentParser
import Models
import Offline
import Settings
import XCLIP

/// The input of `eval`: streams with their truth, or videos on which reuse levels are compared.
struct EvalInput: ParsableArguments {
    @Option(
        help: ArgumentHelp("A stream file to run; may be given again, each with its --truth.", valueName: "stream"),
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
        help: ArgumentHelp("Videos on which to compare the level with exact.", valueName: "video"),
        completion: .file()
    )
    var agreement: [String] = []

    @Option(
        help: ArgumentHelp(
            "A directory with an X-CLIP checkpoint, a pulled model's name, or `embedded`. (default: embedded)"
        ),
        completion: .directory
    )
    var model: String?

    @Option(
        help: ArgumentHelp(
            "exact, sweep or cached, or with --agreement self; may be given again. (default: all three; with --agreement sweep and cached)",
            valueName: "level"
        )
    )
    var reuse: [Agreement.Level] = []

    @Option(
        help: ArgumentHelp(
            "\(StreamOption("precision").description) (default: auto)",
            valueName: "word"
        ),
        completion: .list(["auto", "float32", "int8"])
    )
    var precision: PrecisionChoice?

    @Option(help: ArgumentHelp("A further label to look for; may be given again.", valueName: "text"))
    var label: [String] = []

    @Option(help: ArgumentHelp("A file with one label per line.", valueName: "file"), completion: .file())
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "With --events: the configuration of their stream, for --model and labels; may be given again to compare.",
            valueName: "file"
        ),
        completion: .file()
    )
    var config: [String] = []

    @Option(
        help: ArgumentHelp("With --config: the stream. Required if the configuration has several.", valueName: "name")
    )
    var stream: String?

    /// The model without --config.
    var modelName: String { model ?? ModelLocation.embedded }

    var isAgreement: Bool { !agreement.isEmpty }

    func validateTogether() throws {
        try validateLabels(label)
        try validateConfiguration()
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
                    "Give each --events its --truth: there are \(events.count) --events and \(truth.count) --truth."
                )
            }
            if reuse.contains(.alone) { throw ValidationError("--reuse self goes with --agreement only.") }
        }
        var seen = Set<Agreement.Level>()
        if let twice = reuse.first(where: { !seen.insert($0).inserted }) {
            throw ValidationError("--reuse \(twice.rawValue) is given twice.")
        }
    }

    private func validateConfiguration() throws {
        guard !config.isEmpty else {
            if stream != nil { throw ValidationError("--stream goes with --config.") }
            return
        }
        if isAgreement { throw ValidationError("--config goes with --events, not with --agreement.") }
        guard label.isEmpty, labels == nil, model == nil, reuse.isEmpty, precision == nil else {
            throw ValidationError(
                "--label, --labels, --model, --reuse and --precision go without --config, which has them."
            )
        }
    }
}

extension PrecisionChoice: ExpressibleByArgument {}
