public import ArgumentParser
import Daemon
import Events
public import Recognition

/// The settings of a stream that `eval` runs with: unless given, those the daemon has without a word in its file.
struct EvalTuning: ParsableArguments {
    private static let usual = StreamOptions()

    /// What a transformed option is without it does not show by itself.
    private static func timed(_ text: String, _ usual: Duration) -> ArgumentHelp {
        ArgumentHelp("\(text) (default: \(usual.configured))", valueName: "time")
    }

    @Option(
        help: ArgumentHelp("What is ordinarily seen, beside the built-in texts; may be given again.", valueName: "text")
    )
    var background: [String] = []

    @Option(
        help: timed("The stretch of time the model's frames are spread over.", usual.window),
        transform: span
    )
    var window = Self.usual.window

    @Option(help: ArgumentHelp("Decide at every N-th sampled frame.", valueName: "n"))
    var hop = Self.usual.hop

    @Option(help: "independent: each label against the background. exclusive: a softmax over the labels.")
    var scoring = Self.usual.scoring

    @Option(help: ArgumentHelp("What a logit's lead is divided by before it becomes a score.", valueName: "x"))
    var temperature = Self.usual.temperature

    @Option(help: ArgumentHelp("A score of at least this much is the label present.", valueName: "score"))
    var threshold = Self.usual.rules.threshold

    @Option(help: ArgumentHelp("A score below this much is the label absent.", valueName: "score"))
    var release = Self.usual.rules.release

    @Option(
        help: timed("How long a score stays up before its event starts.", usual.rules.minDuration),
        transform: spanOrZero
    )
    var minDuration = Self.usual.rules.minDuration

    @Option(
        help: timed("How long a score stays down before its event ends.", usual.rules.hold),
        transform: spanOrZero
    )
    var hold = Self.usual.rules.hold

    @Option(
        help: timed("How long after an end no event starts.", usual.rules.cooldown),
        transform: spanOrZero
    )
    var cooldown = Self.usual.rules.cooldown

    @Option(help: ArgumentHelp("The scene gate, in levels of 0…255; 0 encodes all.", valueName: "levels"))
    var gate = Self.usual.gate

    @Flag(
        inversion: .prefixedNo,
        help: "With --events: exact decides where a cached score is close. (default: --confirm)"
    )
    var confirm: Bool?

    @Option(
        help: ArgumentHelp(
            "With --events: the share of cached decisions that exact checks. (default: \(usual.audit))",
            valueName: "share"
        )
    )
    var audit: Double?

    @Option(
        help: timed("With --events: how far events may be from the truth.", .seconds(1)),
        transform: spanOrZero
    )
    var tolerance: Duration?

    func validateFor(agreement: Bool) throws {
        if !(1...1024).contains(hop) { throw ValidationError("--hop must be from 1 to 1024.") }
        if !(0.001...1000).contains(temperature) { throw ValidationError("--temperature must be from 0.001 to 1000.") }
        if !(0...255).contains(gate) { throw ValidationError("--gate must be from 0 to 255.") }
        for (name, score) in [("--threshold", threshold), ("--release", release), ("--audit", audit ?? 0)]
        where !(0...1).contains(score) {
            throw ValidationError("\(name) must be from 0 to 1.")
        }
        if release > threshold {
            throw ValidationError("--release \(release) must not be above --threshold \(threshold).")
        }
        guard agreement else { return }
        if confirm != nil || audit != nil || tolerance != nil {
            throw ValidationError("--confirm, --audit and --tolerance go with --events, not with --agreement.")
        }
    }

    var stream: StreamOptions {
        var stream = Self.usual
        stream.background = background
        stream.window = window
        stream.hop = hop
        stream.scoring = scoring
        stream.temperature = temperature
        stream.gate = gate
        stream.confirm = confirm ?? stream.confirm
        stream.audit = audit ?? stream.audit
        stream.rules.threshold = threshold
        stream.rules.release = release
        stream.rules.minDuration = minDuration
        stream.rules.hold = hold
        stream.rules.cooldown = cooldown
        return stream
    }
}

extension Scoring: ExpressibleByArgument {}
