package import Events
package import Frames
package import Signals
import System
package import XCLIP

/// How logits become scores.
package enum Scoring: String, Sendable, CaseIterable {
    /// Each label against the background texts. Other labels do not matter.
    case independent
    /// A softmax over the stream's labels: for closed sets.
    case exclusive
}

/// What the recogniser is to do with one stream.
package struct StreamSpecification: Sendable, Equatable {
    package struct Label: Sendable, Equatable {
        /// What events call it.
        package var name: String
        /// The words the model is asked about, at least one text; of a signal's label, the label.
        package var texts: [String]
        /// How several texts make one logit.
        package var combination: TextCombination
        /// Texts that take score from this label alone.
        package var against: [String]
        package var rules: EventRules

        package init(
            name: String,
            texts: [String],
            combination: TextCombination = .mean,
            against: [String] = [],
            rules: EventRules
        ) {
            precondition(!texts.isEmpty, "a label needs a text")
            self.name = name
            self.texts = texts
            self.combination = combination
            self.against = against
            self.rules = rules
        }

        package init(name: String, text: String, rules: EventRules) {
            self.init(name: name, texts: [text], rules: rules)
        }

        /// The text that events have: the first.
        package var text: String { texts[0] }
    }

    /// A label that the signal itself decides, without the model.
    package struct SignalLabel: Sendable, Equatable {
        package var signal: Signal
        package var label: Label

        package init(signal: Signal, label: Label) {
            self.signal = signal
            self.label = label
        }
    }

    package var name: String
    /// What the model is asked about; none if only the signal is watched.
    package var labels: [Label]
    /// What the signal is watched for. Transitions count these labels after `labels`.
    package var signals: [SignalLabel]
    /// What every label is measured against, together with `background`.
    package var neutral: [String]
    /// The number of texts in the model's own neutral list. It divides the background's level, also for a stream with texts of
    /// its own.
    package var neutralSize: Int
    /// Texts of what is ordinarily seen here.
    package var background: [String]
    /// How much of a picture is seen: a window for each part.
    package var view: PictureView
    /// The stretch of time that T frames are spread over.
    package var window: Duration
    /// A decision is made at every so many ticks of the sampling grid.
    package var hop: Int
    package var reuse: ReuseLevel
    /// How steps are computed; nil as the model is loaded.
    package var precision: PrecisionChoice?
    package var scoring: Scoring
    package var temperature: Double
    /// The scene gate's threshold in levels of 0…255; 0 turns it off.
    package var gate: Double
    /// How often a frame is encoded all the same, though the gate sees nothing new.
    package var gateRefresh: Duration
    /// Whether the exact pass decides where another level's score stands within its drift of a threshold.
    package var confirm: Bool
    /// The share of the other levels' decisions that the exact pass checks at random, 0…1.
    package var audit: Double

    /// Whether the published model will be asked about windows of this stream.
    package var needsExactPasses: Bool { reuse == .exact || confirm || audit > 0 }

    package init(
        name: String,
        labels: [Label],
        signals: [SignalLabel] = [],
        neutral: [String] = NeutralBackground.texts,
        neutralSize: Int = NeutralBackground.texts.count,
        background: [String] = [],
        view: PictureView = .square,
        window: Duration,
        hop: Int = 1,
        reuse: ReuseLevel = .cached,
        precision: PrecisionChoice? = nil,
        scoring: Scoring = .independent,
        temperature: Double = 1,
        gate: Double = 0,
        gateRefresh: Duration = .seconds(30),
        confirm: Bool = false,
        audit: Double = 0
    ) {
        self.name = name
        self.labels = labels
        self.signals = signals
        self.neutral = neutral
        self.neutralSize = neutralSize
        self.background = background
        self.view = view
        self.window = window
        self.hop = hop
        self.reuse = reuse
        self.precision = precision
        self.scoring = scoring
        self.temperature = temperature
        self.gate = gate
        self.gateRefresh = gateRefresh
        self.confirm = confirm
        self.audit = audit
    }

    /// How a model computes the steps: in floats if it was loaded without int8.
    package func precision(of model: XCLIPModel) -> Precision {
        model.precision == .float32 || reuse == .exact
            ? .float32 : precision?.precision(on: model.backend) ?? model.precision
    }

    /// Whether anything of the stream is computed in floats.
    package func needsFloats(of model: XCLIPModel) -> Bool {
        !labels.isEmpty && (needsExactPasses || precision(of: model) == .float32)
    }

    /// The model's labels, then the signals': what the index of a transition's label counts.
    package var allLabels: [Label] { labels + signals.map(\.label) }

    /// The thresholds that are learned, before anything is known; nil for the other labels and for the signals'.
    package var learnedThresholds: [LearnedThreshold?] {
        labels.map { $0.rules.isLearned ? LearnedThreshold(rules: $0.rules, temperature: temperature) : nil }
            + signals.map { _ in nil }
    }

    /// Whether a transition's label is a signal's.
    package func isSignal(at index: Int) -> Bool { index >= labels.count }

    /// Everything the text encoder must be asked: the labels, what competes with each, then the background.
    package var texts: [String] { labels.flatMap(\.texts) + labels.flatMap(\.against) + neutral + background }

    /// The texts that share a logit: those of each label.
    package var textGroups: [TextGroup] {
        labels.map { TextGroup(count: $0.texts.count, combination: $0.combination) }
    }

    /// What each logit of a window is of.
    package var logitLayout: LogitLayout { LogitLayout(labels: labels.count, against: labels.map(\.against.count)) }

    /// Seconds between two ticks, for a window of `frames`: each tick is the start of its T-th part of the window, as the
    /// segments of a training clip are.
    package func interval(frames: Int) -> Double { window.seconds / Double(frames) }
}
