/// One record of an event's life, as subscribers get it: the event's state after a transition.
public struct LabelEvent: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        case started, updated, ended
    }

    /// The same in all records of one event, and in no other event.
    public var id: String
    public var state: State
    public var stream: String
    /// The label's short name; the text itself where the configuration gives no name.
    public var label: String
    /// The words the model was asked about.
    public var text: String
    public var score: Double
    public var topScore: Double
    public var threshold: Double
    public var startTime: UTCTime
    /// When the event ended; nil while it is open, as are the next two.
    public var endTime: UTCTime?
    /// How long it lasted on the monotonic clock, which no clock step bends.
    public var duration: Duration?
    public var endReason: EndReason?
    public var windowSeconds: Double
    public var model: String
    /// Whether the exact pass decided this record.
    public var confirmed: Bool
    /// When this record was made.
    public var time: UTCTime
    /// The path of a JPEG strip of the pictures that decided the start; nil where none is kept. The file is there soon
    /// after, and goes with the others that are kept.
    public var picture: String?
    /// The path of an MP4 clip around the start; nil where none is kept.
    public var clip: String?

    public init(
        id: String,
        state: State,
        stream: String,
        label: String,
        text: String,
        score: Double,
        topScore: Double,
        threshold: Double,
        startTime: UTCTime,
        endTime: UTCTime? = nil,
        duration: Duration? = nil,
        endReason: EndReason? = nil,
        windowSeconds: Double,
        model: String,
        confirmed: Bool,
        time: UTCTime,
        picture: String? = nil,
        clip: String? = nil
    ) {
        self.id = id
        self.state = state
        self.stream = stream
        self.label = label
        self.text = text
        self.score = score
        self.topScore = topScore
        self.threshold = threshold
        self.startTime = startTime
        self.endTime = endTime
        self.duration = duration
        self.endReason = endReason
        self.windowSeconds = windowSeconds
        self.model = model
        self.confirmed = confirmed
        self.time = time
        self.picture = picture
        self.clip = clip
    }
}
