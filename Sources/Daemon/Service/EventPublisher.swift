import EventFeed
import Events
import Logging
import Recognition
import Synchronization
import System
import Text
import XCLIP

/// Turns the transitions and scores of the inference worker into records of the feed.
final class EventPublisher: RecognitionOutput {
    private struct Key: Hashable {
        let stream: String
        let label: Int
    }

    private let hub: EventHub
    private let model: String
    private let counters: EventCounters
    private let logger: Logger
    private let pictures: PictureStore?
    private let silent: SilentStreams
    /// What all records of an open event share. Its time is read from the clock once: a clock that is set must not move
    /// an event's start.
    private struct Identity {
        let id: String
        let startTime: UTCTime
        var places: PictureStore.Places?
    }

    private let open = Mutex<[Key: Identity]>([:])

    init(hub: EventHub, model: String, counters: EventCounters, pictures: PictureStore?, silent: SilentStreams) {
        self.hub = hub
        self.model = model
        self.counters = counters
        self.pictures = pictures
        self.silent = silent
        logger = Logger(label: "events")
    }

    func transition(_ transition: Transition, label index: Int, confirmed: Bool, of stream: StreamSpecification) {
        guard !silent.contains(stream.name),
            let identity = identity(of: Key(stream: stream.name, label: index), after: transition)
        else { return }
        let event = LabelEvent(
            transition,
            of: index,
            on: stream,
            id: identity.id,
            startTime: identity.startTime,
            model: model,
            confirmed: confirmed,
            time: WallClock.now,
            picture: identity.places?.picture,
            clip: identity.places?.clip
        )
        hub.publish(.event(event))
        counters.increment(stream: event.stream, label: event.label, state: event.state)
        logger.debug(
            "\(event.state.rawValue)",
            metadata: ["stream": "\(event.stream)", "label": "\(event.label)", "score": "\(event.score)"]
        )
    }

    func decided(_ decision: Decision, of stream: StreamSpecification) {
        guard hub.wantsScores, !silent.contains(stream.name) else { return }
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

    /// Nil for an event that began while its stream was silent.
    private func identity(of key: Key, after transition: Transition) -> Identity? {
        open.withLock { open in
            switch transition.kind {
            case .started: open[key] = begin(key.stream, transition)
            case .updated: break
            case .ended: return open.removeValue(forKey: key)
            }
            return open[key]
        }
    }

    private func begin(_ stream: String, _ transition: Transition) -> Identity {
        let id = RandomIdentifier.make()
        let startTime = WallClock.time(ofMonotonic: transition.startTime)
        let places = pictures?.keep(
            id,
            of: stream,
            from: transition.startTime,
            decided: transition.time,
            utc: startTime
        )
        return Identity(id: id, startTime: startTime, places: places)
    }
}
