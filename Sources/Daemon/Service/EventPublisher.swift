import EventFeed
import Events
import Foundation
import Logging
import Recognition
import Synchronization

/// Turns what the inference worker says into records of the feed.
final class EventPublisher: RecognitionOutput {
    private struct Key: Hashable {
        let stream: String
        let label: Int
    }

    private let hub: EventHub
    private let model: String
    private let logger: Logger
    /// The identity of each open event.
    private let open = Mutex<[Key: String]>([:])

    init(hub: EventHub, model: String) {
        self.hub = hub
        self.model = model
        logger = Logger(label: "events")
    }

    func transition(_ transition: Transition, label index: Int, confirmed: Bool, of stream: StreamSpecification) {
        let label = stream.labels[index]
        var event = LabelEvent(
            id: identity(of: Key(stream: stream.name, label: index), after: transition.kind),
            state: .started,
            stream: stream.name,
            label: label.name,
            text: label.text,
            score: transition.score,
            topScore: transition.topScore,
            threshold: label.rules.threshold,
            startTime: WallClock.time(ofMonotonic: transition.startTime),
            windowSeconds: stream.window.seconds,
            model: model,
            confirmed: confirmed,
            time: WallClock.now
        )
        switch transition.kind {
        case .started: event.state = .started
        case .updated: event.state = .updated
        case .ended(let reason):
            event.state = .ended
            event.endTime = WallClock.time(ofMonotonic: transition.time)
            event.duration = transition.time - transition.startTime
            event.endReason = reason
        }
        hub.publish(.event(event))
        logger.debug(
            "\(event.state.rawValue)",
            metadata: ["stream": "\(event.stream)", "label": "\(event.label)", "score": "\(event.score)"]
        )
    }

    func decided(_ decision: Decision, of stream: StreamSpecification) {
        guard hub.wantsScores else { return }
        let entries = stream.labels.indices.map {
            ScoresRecord.Entry(label: stream.labels[$0].name, logit: decision.logits[$0], score: decision.scores[$0])
        }
        hub.publishScores(
            ScoresRecord(
                stream: stream.name,
                time: .utc(WallClock.time(ofMonotonic: decision.time)),
                reuse: stream.reuse.rawValue,
                entries: entries
            )
        )
    }

    private func identity(of key: Key, after kind: Transition.Kind) -> String {
        open.withLock { open in
            switch kind {
            case .started:
                let id = UUID().uuidString.lowercased()
                open[key] = id
                return id
            case .updated: return open[key] ?? ""
            case .ended: return open.removeValue(forKey: key) ?? ""
            }
        }
    }
}
