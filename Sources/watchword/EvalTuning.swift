import ArgumentParser
import Events
import Models
package import Recognition
import Settings
import System
import Text

/// The settings of a stream that `eval` runs with: unless given, those the daemon has for the model without a word in its
/// file.
struct EvalTuning: ParsableArguments {
    private static let usual = StreamOptions()

    /// `usual`: the value where neither the option nor the model says another.
    private static func help(_ text: String, _ usual: some Any, _ name: String) -> ArgumentHelp {
        ArgumentHelp("\(text) (default: the model's own, or \(usual))", valueName: name)
    }

    private static func timed(_ text: String, _ usual: Duration) -> ArgumentHelp {
        help(text, usual.configured, "time")
    }

    @Option(
        help: ArgumentHelp("What is ordinarily seen, beside the built-in texts; may be given again.", valueName: "text")
    )
    var background: [String] = []

    @Option(
        help: timed("The stretch of time the model's frames are spread over.", usual.window),
        transform: span
    )
    var window: Duration?

    @Option(help: help("Decide at every N-th sampled frame.", usual.hop, "n"))
    var hop: Int?

    @Option(help: "independent: each label against the background. exclusive: a softmax over the labels.")
    var scoring: Scoring?

    @Option(help: help("What a logit's lead is divided by before it becomes a score.", usual.temperature, "x"))
    var temperature: Double?

    @Option(help: help("A score of at least this much is the label present.", usual.rules.threshold, "score"))
    var threshold: Double?

    @Option(help: help("A score below this much is the label absent.", usual.rules.release, "score"))
    var release: Double?

    @Option(
        help: timed("How long a score stays up before its event starts.", usual.rules.minDuration),
        transform: spanOrZero
    )
    var minDuration: Duration?

    @Option(
        help: timed("How long a score stays down before its event ends.", usual.rules.hold),
        transform: spanOrZero
    )
    var hold: Duration?

    @Option(
        help: timed("How long after an end no event starts.", usual.rules.cooldown),
        transform: spanOrZero
    )
    var cooldown: Duration?

    @Option(
        help: timed("What would start less than this after an end goes on with that event.", usual.rules.mergeGap),
        transform: spanOrZero
    )
    var mergeGap: Duration?

    @Option(help: help("The scene gate, in levels of 0…255; 0 encodes all.", usual.gate, "levels"))
    var gate: Double?

    @Flag(
        inversion: .prefixedNo,
        help: "With --events: exact decides where another level's score is close. (default: --confirm)"
    )
    var confirm: Bool?

    @Option(
        help: ArgumentHelp(
            "With --events: the share of the other levels' decisions that exact checks. (default: \(usual.audit))",
            valueName: "share"
        )
    )
    var audit: Double?

    @Option(
        help: timed("With --events: how far events may be from the truth.", .seconds(1)),
        transform: spanOrZero
    )
    var tolerance: Duration?

    /// Whether any of them was given.
    var isGiven: Bool {
        let times = [window, minDuration, hold, cooldown, mergeGap, tolerance].contains { $0 != nil }
        let numbers = [temperature, threshold, release, gate, audit].contains { $0 != nil }
        return times || numbers || !background.isEmpty || hop != nil || scoring != nil || confirm != nil
    }

    func validateFor(agreement: Bool) throws {
        if let hop, !(1...1024).contains(hop) { throw ValidationError("--hop must be from 1 to 1024.") }
        if let temperature, !(0.001...1000).contains(temperature) {
            throw ValidationError("--temperature must be from 0.001 to 1000.")
        }
        if let gate, !(0...255).contains(gate) { throw ValidationError("--gate must be from 0 to 255.") }
        for (name, score) in [("--threshold", threshold), ("--release", release), ("--audit", audit)]
        where !(0...1).contains(score ?? 0) {
            throw ValidationError("\(name) must be from 0 to 1.")
        }
        if let threshold, let release, release > threshold {
            throw ValidationError("--release \(release) must not be above --threshold \(threshold).")
        }
        guard agreement else { return }
        if confirm != nil || audit != nil || tolerance != nil {
            throw ValidationError("--confirm, --audit and --tolerance go with --events, not with --agreement.")
        }
    }

    /// The options for the model: these, over its own.
    ///
    /// - Throws: `OperationError` where what the model says of itself is wrong, `ValidationError` where what is given does
    ///   not go with the rest.
    func stream(ofModel model: String) throws -> StreamOptions {
        var stream = try ModelDefaults.options(ofModel: model)
        stream.background += background
        stream.window = window ?? stream.window
        stream.hop = hop ?? stream.hop
        stream.scoring = scoring ?? stream.scoring
        stream.temperature = temperature ?? stream.temperature
        stream.gate = gate ?? stream.gate
        stream.confirm = confirm ?? stream.confirm
        stream.audit = audit ?? stream.audit
        let usual = stream.rules
        stream.rules.threshold = threshold ?? usual.threshold
        // A threshold given alone keeps the distance between the two, as the sweep does.
        stream.rules.release = release ?? usual.release * min(1, stream.rules.threshold / usual.threshold)
        stream.rules.minDuration = minDuration ?? usual.minDuration
        stream.rules.hold = hold ?? usual.hold
        stream.rules.cooldown = cooldown ?? usual.cooldown
        stream.rules.mergeGap = mergeGap ?? usual.mergeGap
        if stream.rules.release > stream.rules.threshold {
            throw ValidationError(
                "--release \(stream.rules.release) must not be above --threshold \(stream.rules.threshold)."
            )
        }
        return stream
    }
}

extension Scoring: ExpressibleByArgument {}
