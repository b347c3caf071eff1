import ArgumentParser
import Events
import Models
import Settings
import Text

/// The settings of a stream that `eval` runs with. Each is by default what the daemon uses for the model if the
/// configuration sets nothing.
struct EvalTuning: ParsableArguments {
    @OptionGroup var sight: SightOptions

    @Option(help: .overriding("scoring", "word"), completion: .list(["independent", "exclusive"]))
    var scoring: String?

    @Option(help: .overriding("temperature", "x"))
    var temperature: String?

    @Option(help: .overriding("threshold", "score"))
    var threshold: String?

    @Option(
        help: ArgumentHelp(
            "\(StreamOption("release").description) (default: in the same ratio to the threshold as the model's own)",
            valueName: "score"
        )
    )
    var release: String?

    @Option(help: .overriding("min_duration", "time"))
    var minDuration: String?

    @Option(help: .overriding("hold", "time"))
    var hold: String?

    @Option(help: .overriding("cooldown", "time"))
    var cooldown: String?

    @Option(help: .overriding("merge_gap", "time"))
    var mergeGap: String?

    @Option(help: .overriding("gate", "levels"))
    var gate: String?

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp("With --events: \(StreamOption("confirm").description) (default: --confirm)")
    )
    var confirm: Bool?

    @Option(help: .overriding("audit", "share", condition: "With --events"))
    var audit: String?

    @Option(
        help: ArgumentHelp("With --events: how far events may be from the truth. (default: 1s)", valueName: "time"),
        transform: spanOrZero
    )
    var tolerance: Duration?

    /// Whether any of them was given.
    var isGiven: Bool { hasSettings || tolerance != nil }

    /// Whether any was given that a configuration has, too.
    var hasSettings: Bool { overrides.contains { $0.value != nil } || sight.isGiven || confirm != nil }

    /// The options that have one value, by their keys in the configuration.
    private var overrides: KeyValuePairs<String, String?> {
        [
            "scoring": scoring, "temperature": temperature, "threshold": threshold,
            "release": release, "min_duration": minDuration, "hold": hold, "cooldown": cooldown,
            "merge_gap": mergeGap, "gate": gate, "audit": audit,
        ]
    }

    func validateFor(agreement: Bool) throws {
        var options = StreamOptions()
        try options.override(overrides)
        if threshold != nil, release != nil { try checkRelease(of: options.rules) }
        guard agreement else { return }
        if confirm != nil || audit != nil || tolerance != nil {
            throw ValidationError("--confirm, --audit and --tolerance go with --events, not with --agreement.")
        }
    }

    /// The options for the model: these, over its own.
    ///
    /// - Throws: `OperationError` if the model's own options are wrong, `ValidationError` if a given option does not go with
    ///   them.
    func stream(ofModel model: String) throws -> StreamOptions {
        var stream = try ModelDefaults.options(ofModel: model)
        let rules = stream.rules
        try sight.override(&stream)
        try stream.override(overrides)
        stream.confirm = confirm ?? stream.confirm
        if release == nil { stream.rules.release = rules.moved(to: stream.rules.threshold).release }
        try checkRelease(of: stream.rules)
        return stream
    }

    private func checkRelease(of rules: EventRules) throws {
        guard rules.release > rules.threshold else { return }
        throw ValidationError("--release \(rules.release) must not be above --threshold \(rules.threshold).")
    }
}
