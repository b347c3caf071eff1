package import Text

/// One record of an event: its state after a transition, as subscribers receive it.
package struct LabelEvent: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case started, updated, ended
    }

    /// The event's identifier: the same in all of its records, and in no other event.
    package var id: String
    package var state: State
    package var stream: String
    /// The label's short name, or its text if the configuration gives no name.
    package var label: String
    /// The text that the model scores.
    package var text: String
    package var score: Double
    package var topScore: Double
    package var threshold: Double
    /// Where in the picture the highest score was; nil if the picture has one part.
    package var part: PicturePart?
    package var startTime: UTCTime
    /// When the event ended; nil while it is open, as are `duration` and `endReason`.
    package var endTime: UTCTime?
    /// How long the event lasted on the monotonic clock, which clock steps do not affect.
    package var duration: Duration?
    package var endReason: EndReason?
    package var windowSeconds: Double
    package var model: String
    /// Whether an exact pass decided this record.
    package var confirmed: Bool
    /// When this record was made.
    package var time: UTCTime
    /// The path of a JPEG strip of the pictures that decided the start; nil if none is kept. The file appears shortly
    /// after the record and is removed under the rules for kept pictures.
    package var picture: String?
    /// The path of an MP4 clip around the start; nil if none is kept.
    package var clip: String?
    /// The claim of a fleet's camera under which this host made the record; nil for a stream that is this host's alone.
    package var epoch: UInt64?

    package init(
        id: String,
        state: State,
        stream: String,
        label: String,
        text: String,
        score: Double,
        topScore: Double,
        threshold: Double,
        part: PicturePart? = nil,
        startTime: UTCTime,
        endTime: UTCTime? = nil,
        duration: Duration? = nil,
        endReason: EndReason? = nil,
        windowSeconds: Double,
        model: String,
        confirmed: Bool,
        time: UTCTime,
        picture: String? = nil,
        clip: String? = nil,
        epoch: UInt64? = nil
    ) {
        self.id = id
        self.state = state
        self.stream = stream
        self.label = label
        self.text = text
        self.score = score
        self.topScore = topScore
        self.threshold = threshold
        self.part = part
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
        self.epoch = epoch
    }

    /// The record that ends the event where the program that watched it did not.
    ///
    /// - Parameters:
    ///   - end: the last time at which it was watched.
    ///   - reason: what ended it.
    ///   - now: when this record is made.
    package func ended(at end: UTCTime, because reason: EndReason, reported now: UTCTime) -> LabelEvent {
        var event = self
        let end = max(end, startTime)
        event.state = .ended
        event.endTime = end
        event.duration = .microseconds(end.microseconds - startTime.microseconds)
        event.endReason = reason
        event.time = now
        return event
    }
}
