import Capture
import EventFeed
import Events
import Frames
import Logging
import Recognition
import XCLIP

/// All streams' capture, the one inference worker, and the feed they end in.
final class RecognitionPipeline: Sendable {
    private let worker: InferenceWorker
    private let supervisors: [SourceSupervisor]
    /// One line for people: model, streams, what it needs.
    let summary: String

    /// `redact`: keeps the configuration's secrets out of what subscribers are told.
    init(configuration: Configuration, hub: EventHub, redact: @escaping @Sendable (String) -> String) throws {
        let threads = inferenceThreads()
        let loaded = try LoadedModel.load(configuration.model.path)
        let model = loaded.model
        let specifications = configuration.streams.map(\.specification)
        let embeddings = try loaded.embeddings(of: specifications.map(\.texts), threads: threads)
        let streams = zip(specifications, embeddings).map {
            InferenceWorker.Stream(specification: $0, embeddings: $1, pictureBytes: model.transform.byteCount)
        }
        let worker = InferenceWorker(
            model: model,
            threads: threads,
            streams: streams,
            output: EventPublisher(hub: hub, model: model.name)
        )
        self.worker = worker
        supervisors = zip(configuration.streams, streams).map { configured, stream in
            SourceSupervisor(
                stream: stream,
                options: configured.sourceOptions(
                    transform: model.transform,
                    interval: stream.specification.interval(frames: model.configuration.frames)
                ),
                schedule: ActiveWatch(configured.active),
                worker: worker
            ) { health in
                var health = health
                health.reason = health.reason.map(redact)
                hub.publish(.stream(health))
            }
        }
        let perSecond = specifications.reduce(0) { $0 + 1 / $1.interval(frames: model.configuration.frames) }
        summary =
            "watching \(streams.count) stream\(streams.count == 1 ? "" : "s") with \(model.name): "
            + "\((perSecond * 10).rounded() / 10) frames a second on \(threads) threads"
    }

    func start() throws {
        guard worker.start() else { throw OperationError("cannot start the inference thread: the system has no more") }
        for supervisor in supervisors { try supervisor.start() }
    }

    /// Ends the open events and all threads; blocks until they have ended.
    func stop() {
        for supervisor in supervisors { supervisor.cancel() }
        // The events end before the sources are waited for: one may hang in a look-up that nothing can interrupt.
        worker.stop()
        for supervisor in supervisors { supervisor.join() }
    }

    /// How the streams fare, all together.
    var health: PipelineHealth {
        var health = PipelineHealth()
        for supervisor in supervisors {
            let statistics = supervisor.stream.statistics
            health.dropped += supervisor.stream.ring.counts.dropped
            health.decisions += statistics.decisions
            health.encoded += statistics.frames.encoded
            health.gated += statistics.frames.gated
            health.exactPasses += statistics.frames.exactPasses
            health.lag = max(health.lag, statistics.lag)
        }
        return health
    }

    var sinceHeartbeat: Duration { worker.sinceHeartbeat }
}
