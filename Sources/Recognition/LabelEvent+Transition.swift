package import Events
import System
package import Text

extension LabelEvent {
    /// A label's transition as the feed tells it.
    ///
    /// - index: of the label in `allLabels`.
    /// - startTime: of the event, by the clock that `time` is told by; its end is reckoned from there on a clock that no
    ///   step bends.
    /// - time: when this record is made.
    package init(
        _ transition: Transition,
        of index: Int,
        on stream: StreamSpecification,
        id: String,
        startTime: UTCTime,
        model: String,
        confirmed: Bool,
        time: UTCTime,
        picture: String? = nil,
        clip: String? = nil
    ) {
        let label = stream.allLabels[index]
        self.init(
            id: id,
            state: .started,
            stream: stream.name,
            label: label.name,
            text: label.text,
            score: transition.score,
            topScore: transition.topScore,
            threshold: transition.threshold,
            part: transition.part,
            startTime: startTime,
            windowSeconds: stream.window.seconds,
            model: stream.isSignal(at: index) ? "signal" : model,
            confirmed: confirmed,
            time: time,
            picture: picture,
            clip: clip
        )
        switch transition.kind {
        case .started: state = .started
        case .updated: state = .updated
        case .ended(let reason):
            state = .ended
            let lasted = transition.time - transition.startTime
            endTime = startTime + lasted
            duration = lasted
            endReason = reason
        }
    }
}
