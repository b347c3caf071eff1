package import Text

/// One record of an event's life, as subscribers get it: the event's state after a transition.
package struct LabelEvent: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case started, updated, ended
    }

    /// The same in all records of one event, and in no other event.
    package var id: String
    package var state: State
    package var stream: String
    /// The label's short name; the text itself where the configuration gives no name.
    package var label: String
    /// The words the model was asked about.
    package var text: String
    package var score: Double
    package var topScore: Double
    package var threshold: Double
    package var startTime: UTCTime
    /// When the event ended; nil while it is open, as are the next two.
    package var endTime: UTCTime?
    /// How long it lasted on the monotonic clock, which no clock step bends.
    package var duration: Duration?
    package var endReason: EndReason?
    package var windowSeconds: Double
    package var model: String
    /// Whether the exact pass decided this record.
    package var confirmed: Bool
    /// When this record was made.
    package var time: UTCTime
    /// The path of a JPEG strip of the pictures that decided the start; nil where none is kept. The file is there soon
    /// after, and goes with the others that are kept.
    package var picture: String?
    /// The path of an MP4 clip around the start; nil where none is kept.
    package var clip: String?

    package init(
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
