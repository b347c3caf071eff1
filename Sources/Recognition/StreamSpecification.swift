public import Events

/// How much of each frame's work the next one uses again.
public enum ReuseLevel: String, Sendable, CaseIterable {
    /// The paper's model on the whole window.
    case exact
    /// Each frame is encoded once, and the class tokens of the frames before it are brought up to it.
    case sweep
    /// Each frame is encoded once, against the cached messages of the frames before it.
    case cached
}

/// How logits become scores.
public enum Scoring: String, Sendable, CaseIterable {
    /// Each label against the background texts, whatever other labels there are.
    case independent
    /// A softmax over the stream's labels: for closed sets.
    case exclusive
}

/// What the recogniser is to do with one stream.
public struct StreamSpecification: Sendable, Equatable {
    public struct Label: Sendable, Equatable {
        /// What events call it.
        public var name: String
        /// The words the model is asked about.
        public var text: String
        public var rules: EventRules

        public init(name: String, text: String, rules: EventRules) {
            self.name = name
            self.text = text
            self.rules = rules
        }
    }

    public var name: String
    public var labels: [Label]
    /// What every label is measured against, together with `background`.
    public var neutral: [String]
    /// Texts of what is ordinarily seen here.
    public var background: [String]
    /// The stretch of time that T frames are spread over.
    public var window: Duration
    /// A decision is made at every so many ticks of the sampling grid.
    public var hop: Int
    public var reuse: ReuseLevel
    public var scoring: Scoring
    public var temperature: Double
    /// The scene gate's threshold in levels of 0…255; 0 turns it off.
    public var gate: Double
    /// How often a frame is encoded all the same, though the gate sees nothing new.
    public var gateRefresh: Duration
    /// Whether the exact pass decides where another level's score stands within its drift of a threshold.
    public var confirm: Bool
    /// The share of the other levels' decisions that the exact pass checks at random, 0…1.
    public var audit: Double

    /// Whether the published model will be asked about windows of this stream.
    public var needsExactPasses: Bool { reuse == .exact || confirm || audit > 0 }

    public init(
        name: String,
        labels: [Label],
        neutral: [String] = NeutralBackground.texts,
        background: [String] = [],
        window: Duration,
        hop: Int = 1,
        reuse: ReuseLevel = .cached,
        scoring: Scoring = .independent,
        temperature: Double = 1,
        gate: Double = 0,
        gateRefresh: Duration = .seconds(30),
        confirm: Bool = false,
        audit: Double = 0
    ) {
        self.name = name
        self.labels = labels
        self.neutral = neutral
        self.background = background
        self.window = window
        self.hop = hop
        self.reuse = reuse
        self.scoring = scoring
        self.temperature = temperature
        self.gate = gate
        self.gateRefresh = gateRefresh
        self.confirm = confirm
        self.audit = audit
    }

    /// Everything the text encoder must be asked: the labels, then the background.
    public var texts: [String] { labels.map(\.text) + neutral + background }

    /// Seconds between two ticks, for a window of `frames`: each tick is the start of its T-th part of the window, as the
    /// segments of a training clip are.
    public func interval(frames: Int) -> Double { window.seconds / Double(frames) }
}

extension Duration {
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
