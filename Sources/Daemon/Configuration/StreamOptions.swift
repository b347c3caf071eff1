public import Events
public import Frames
public import Recognition

/// What `defaults:` sets for all streams and every stream may set again.
public struct StreamOptions: Sendable, Equatable {
    /// The stretch of time the model looks at.
    public var window = Duration.seconds(5)
    /// A decision is made at every so many sampled frames.
    public var hop = 1
    public var reuse = ReuseLevel.cached
    public var scoring = Scoring.independent
    /// What a logit's lead over the background is divided by before the sigmoid.
    public var temperature = 1.0
    /// The scene gate: a picture whose every part differs from the last encoded one by less than this, in levels of
    /// 0…255, is not encoded; 0 encodes all.
    public var gate = 2.0
    /// How often a picture is encoded all the same.
    public var gateRefresh = Duration.seconds(30)
    /// Whether the exact pass decides where another level's score stands close to a threshold.
    public var confirm = true
    /// The share of the other levels' decisions that the exact pass checks at random.
    public var audit = 0.005
    /// What every label is measured against, beside `background`: texts of a scene in which nothing of note is seen.
    public var neutral = NeutralBackground.texts
    /// Texts of what is ordinarily seen by this camera.
    public var background: [String] = []
    /// When a score makes an event; labels may set each part again.
    public var rules = EventRules(
        threshold: 0.6,
        release: 0.4,
        minDuration: .seconds(1),
        hold: .seconds(2),
        cooldown: .seconds(10)
    )
    /// What is looked at of the upright picture; nil for all of it.
    public var crop: Region?
    /// What is painted out of it.
    public var masks: [Region] = []
    /// When the stream is watched at all.
    public var active = ActiveHours.always
    /// How long connecting may take, and finding what the source holds.
    public var openTimeout = Duration.seconds(10)
    /// How long a source may deliver no video before it is opened anew.
    public var stallTimeout = Duration.seconds(10)
    /// How long pictures may be the same to the last bit before the stream is reported frozen; zero for ever.
    public var frozenAfter = Duration.seconds(60)
    public var transport = Transport.tcp

    public init() {}
}

/// What carries RTSP's media.
public enum Transport: String, Sendable, CaseIterable {
    case tcp
    case udp
}
