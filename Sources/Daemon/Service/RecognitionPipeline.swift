import Capture
import CaptureProcess
import ConfigurationText
import EventFeed
import Events
import Frames
import Kernels
import Logging
import Models
import Recognition
import ScoreHistory
import ServiceLifecycle
import Settings
import Synchronization
import System
import Text
import XCLIP

/// All streams from their sources through the one inference worker to the feed.
final class RecognitionPipeline: Sendable {
    /// A stream that is watched.
    struct Watched: Sendable {
        var configuration: StreamConfiguration
        let stream: InferenceWorker.Stream
        let supervisor: SourceSupervisor
        /// The newest picture, for the live page.
        let newest: PictureTap
        /// The sources of its events' pictures; nil if none are kept.
        let pictures: PictureStore.Sources?
    }

    let model: XCLIPModel
    let threads: Int
    private let loaded: LoadedModel
    let worker: InferenceWorker
    private let publisher: EventPublisher
    let hub: EventHub
    /// Nothing of these streams is reported.
    let silent = SilentStreams()
    private let counters: EventCounters
    let healthReports: HealthReports
    private let startThread: ThreadStart
    /// What reads the sources of streams that have a process of their own; nil if all are read by threads.
    private let program: CaptureProgram?
    private let watched: Mutex<[Watched]>
    /// Nil if no pictures of events are kept.
    let pictures: PictureStore?
    /// Nil if there is no journal, beside which the scores would lie.
    let scores: ScoreKeeper?
    private let isRunning = Atomic(false)
    /// Empty if nothing needs it.
    let modelDigest: String

    /// - Parameters:
    ///   - hub: receives all records.
    ///   - counters: count the events.
    ///   - redact: removes the configuration's secrets from the reasons that subscribers get.
    ///   - program: reads the sources in processes of their own; nil if threads read all of them.
    ///   - startThread: starts the sources' threads.
    /// - Throws: `CheckpointError`, `ConfigurationError` or `OperationError` if the model or the examples cannot be used.
    init(
        configuration: Configuration,
        hub: EventHub,
        counters: EventCounters,
        redact: @escaping @Sendable (String) -> String,
        program: CaptureProgram? = nil,
        startThread: @escaping ThreadStart = { NamedThread.start($0, $1) }
    ) throws {
        pictures = try configuration.events.pictureSettings.map { try PictureStore($0) }
        threads = inferenceThreads()
        loaded = try LoadedModel.load(
            configuration.model.path,
            frames: configuration.model.frames,
            precision: configuration.loadedPrecision,
            hasFloats: false,
            cache: .own { Logger(label: "model").info("\($0)") },
            keepsPacked: false
        )
        model = loaded.model
        scores = configuration.events.journal.map {
            ScoreKeeper(HistoryPlace(besideJournal: $0), keep: configuration.events.keep)
        }
        modelDigest = scores == nil ? "" : loaded.digest
        self.hub = hub
        self.counters = counters
        healthReports = HealthReports(hub: hub, silent: silent, redact: redact)
        self.startThread = startThread
        self.program = program
        publisher = EventPublisher(hub: hub, model: model.name, counters: counters, pictures: pictures, silent: silent)
        worker = InferenceWorker(model: model, threads: threads, output: publisher)
        watched = Mutex([])
        let streams = try makeStreams(configuration.streams)
        expectEvents(of: streams)
        watch(streams)
    }

    func start() throws {
        try pictures?.start()
        try scores?.start()
        guard worker.start() else { throw OperationError("cannot start the inference thread: the system has no more") }
        let streams = current
        try prepare(streams)
        worker.apply(streams.map { .add($0.stream) })
        for stream in streams { stream.supervisor.begin() }
        isRunning.store(true, ordering: .releasing)
    }

    /// Writes the weights in int8 as they were packed, for the next start. Nothing waits for the thread.
    func keepPacked() {
        switch NamedThread.start("packed weights", { [loaded] in loaded.keepPacked() }) {
        case .success(let thread): thread.detach()
        case .failure(let error): Logger(label: "model").info("packed weights are not kept: \(error)")
        }
    }

    /// Whether `start` is over.
    private var hasStarted: Bool { isRunning.load(ordering: .acquiring) }

    /// Waits until `start` is over and the streams may be replaced. Returns false if the daemon stops before.
    func untilStarted() async -> Bool {
        try? await cancelWhenGracefulShutdown {
            while !self.hasStarted { try await Task.sleep(for: .milliseconds(200)) }
        }
        return hasStarted
    }

    /// Ends the open events and all threads; blocks until they have ended.
    func stop() {
        let streams = current
        for stream in streams { stream.supervisor.cancel() }
        // The events end before the sources are joined: a source may hang in a look-up that nothing interrupts.
        worker.stop()
        SourceSupervisor.join(streams.map(\.supervisor))
        pictures?.stop()
        scores?.stop()
    }

    /// Replaces the streams by those of another configuration of the same model. Unchanged streams run on undisturbed.
    ///
    /// Blocks until all is done. Must not run twice at a time, nor beside `stop`.
    ///
    /// - Parameter moved: the streams that another host of the fleet watches now, which reports their health.
    /// - Returns: one line for people: the streams that changed.
    /// - Throws: `CheckpointError`, `ConfigurationError` or `OperationError` if a new stream's labels cannot be encoded or
    ///   its thread cannot be made. Nothing has changed then.
    @discardableResult
    func reload(_ streams: [StreamConfiguration], moved: Set<String> = []) throws -> String {
        let old = current
        let changes = StreamChanges(from: old.map(\.configuration), to: streams)
        // Everything that may fail comes first, before anything in force is touched.
        let fresh = changes.streams.filter { $0.fate == .added || $0.fate == .replaced }.map(\.configuration)
        let made = try makeStreams(fresh)
        try prepare(made)

        let kept = Set(changes.names(.kept) + changes.names(.newRules))
        let leaving = old.filter { !kept.contains($0.configuration.name) }
        for stream in leaving { stream.supervisor.cancel() }
        SourceSupervisor.join(leaving.map(\.supervisor))
        let staying = old.filter { kept.contains($0.configuration.name) }
        let next = changes.streams.compactMap { configuration, _ in
            var stream = (staying + made).first { $0.configuration.name == configuration.name }
            stream?.configuration = configuration
            return stream
        }
        let newRules = Set(changes.names(.newRules))
        expectEvents(of: made)
        worker.apply(
            leaving.map { stream in
                let isMoved = moved.contains(stream.configuration.name)
                return InferenceWorker.Change.remove(stream.stream, isMoved ? .moved : .configChanged)
            }
                + next.filter { newRules.contains($0.configuration.name) }
                .map {
                    .replaceRules(
                        $0.stream,
                        $0.configuration.allLabels.map(\.rules),
                        learned: learned($0.configuration)
                    )
                }
                + made.map { .add($0.stream) }
        )
        for name in changes.removed where !moved.contains(name) {
            let reason = "no longer in the configuration"
            hub.publish(.stream(StreamHealth(stream: name, state: .offline, reason: reason, since: WallClock.now)))
        }
        hub.setStreams(next.map(\.configuration.name))
        watch(next)
        counters.keep(only: next.map { ($0.configuration.name, $0.configuration.allLabels.map(\.name)) })
        for stream in made { stream.supervisor.begin() }
        return changes.summary
    }

    /// Whether `name` still leads to the model that runs.
    ///
    /// - Throws: `OperationError` if not: the labels of new streams would be another model's.
    func checkModel(isStill name: String) throws(OperationError) { try loaded.check(isStill: name) }

    /// What the model does not read of the streams' texts as it is written, for people.
    func labelWarnings(_ streams: [StreamConfiguration]) -> [String] {
        loaded.labelWarnings(streams).map(\.description)
    }

    /// Makes the threads of the streams' readers: all of them, or none if one fails.
    private func prepare(_ streams: [Watched]) throws(OperationError) {
        var prepared: [Watched] = []
        do throws(OperationError) {
            for stream in streams {
                try stream.supervisor.prepare()
                prepared.append(stream)
            }
        } catch {
            for stream in prepared { stream.supervisor.cancel() }
            SourceSupervisor.join(prepared.map(\.supervisor))
            throw error
        }
    }

    private func expectEvents(of streams: [Watched]) {
        for stream in streams.map(\.configuration) {
            counters.add(stream: stream.name, labels: stream.allLabels.map(\.name))
        }
    }

    private func makeStreams(_ configurations: [StreamConfiguration]) throws -> [Watched] {
        guard !configurations.isEmpty else { return [] }
        let specifications = configurations.map(\.specification)
        if specifications.contains(where: { $0.needsFloats(of: model) })
            || configurations.contains(where: \.hasExamples)
        {
            try loaded.readFloats()
        }
        let embeddings = try loaded.embeddings(ofStreams: configurations, threads: threads) {
            Logger(label: "model").warning("\($0)")
        }
        return zip(configurations, zip(specifications, embeddings)).map { configuration, made in
            let stream = InferenceWorker.Stream(
                specification: made.0,
                embeddings: made.1,
                pictureBytes: model.transform.byteCount * configuration.view.mostParts,
                keepsDecisions: scores != nil,
                learned: learned(configuration)
            )
            let program = configuration.options.capture == .process ? program : nil
            let pictures = pictures?.sources(frames: model.configuration.frames, isProcess: program != nil)
            let newest = PictureTap()
            let connector = SourceConnector(
                newest: newest,
                history: pictures?.history,
                clips: pictures?.clips,
                program: program
            )
            return Watched(
                configuration: configuration,
                stream: stream,
                supervisor: supervisor(configuration, stream, connector),
                newest: newest,
                pictures: pictures
            )
        }
    }

    private func watch(_ streams: [Watched]) {
        watched.withLock { $0 = streams }
        scores?.setSources(streams.compactMap(scoreSource))
        pictures?.setSources(
            Dictionary(
                uniqueKeysWithValues: streams.compactMap { watched in
                    watched.pictures.map { (watched.configuration.name, $0) }
                }
            )
        )
    }

    /// Nil for a stream of signals alone, which have no leads.
    private func scoreSource(_ watched: Watched) -> ScoreKeeper.Source? {
        guard let ring = watched.stream.decisions else { return nil }
        let configuration = watched.configuration
        let keys = loaded.historyKeys(of: configuration, modelDigest: modelDigest)
        let labels = zip(configuration.labels, keys).map { label, key in
            HistoryLabel(name: label.name, key: key, minDuration: label.rules.minDuration)
        }
        let interval = watched.stream.specification.interval(frames: model.configuration.frames)
        return ScoreKeeper.Source(
            name: configuration.name,
            ring: ring,
            labels: HistoryLabels(labels: labels, interval: .seconds(interval * Double(configuration.hop))),
            temperature: configuration.temperature
        )
    }

    /// What the history shows of the thresholds that the stream's labels learn.
    private func learned(_ configuration: StreamConfiguration) -> [LearnedThreshold?] {
        var learned = configuration.specification.learnedThresholds
        guard let scores, learned.contains(where: { $0 != nil }) else { return learned }
        let histories: [String: LabelHistory]
        do throws(OperationError) {
            histories = try HistoryReader(scores.place)
                .read(configuration.name, since: WallClock.now - LearnedThreshold.memory)
        } catch {
            // As on the first start.
            Logger(label: "scores")
                .notice("thresholds of \(configuration.name) are learned anew: \(error.message)")
            return learned
        }
        let keys = loaded.historyKeys(of: configuration, modelDigest: modelDigest)
        for (label, key) in keys.enumerated() {
            if let history = histories[key] {
                learned[label]?.learn(history, temperature: configuration.temperature)
            }
        }
        return learned
    }

    private func supervisor(
        _ configuration: StreamConfiguration,
        _ stream: InferenceWorker.Stream,
        _ connector: SourceConnector
    ) -> SourceSupervisor {
        SourceSupervisor(
            stream: stream,
            options: configuration.sourceOptions(
                transform: model.transform,
                interval: stream.specification.interval(frames: model.configuration.frames)
            ),
            schedule: ActiveWatch(configuration.active),
            frozenAfter: configuration.frozenAfter,
            worker: worker,
            connector: connector,
            startThread: startThread
        ) { [healthReports] in healthReports.publish($0) }
    }

    /// The streams in force.
    var current: [Watched] { watched.withLock { $0 } }

    /// To be called every second or so; see `SourceSupervisor.watch`.
    func watch() { for stream in current { stream.supervisor.watch() } }

    /// Frames a second that all streams together sample.
    var framesPerSecond: Double {
        current.reduce(0) { $0 + 1 / $1.stream.specification.interval(frames: model.configuration.frames) }
    }

    /// The time between the frames that the stream samples, in seconds.
    func interval(of stream: StreamConfiguration) -> Double {
        stream.specification.interval(frames: model.configuration.frames)
    }

    /// One line for people: the streams, the model and the load.
    var summary: String {
        let count = current.count
        let sizes = model.configuration
        let frames =
            sizes.frames == sizes.trainedFrames
            ? "" : " at \(sizes.frames) frames a window, interpolated from \(sizes.trainedFrames)"
        let precision = model.precision == .float32 ? "" : " in \(model.precision.rawValue)"
        return "watching \(count) stream\(count == 1 ? "" : "s") with \(model.name)\(precision)\(frames): "
            + "\((framesPerSecond * 10).rounded() / 10) frames a second on \(threads) threads"
    }

    /// The totals of all streams.
    var health: PipelineHealth {
        var health = PipelineHealth()
        health.step = worker.stepDuration
        for watched in current {
            let specification = watched.stream.specification
            // A stream of signals alone asks nothing of the model.
            if !specification.labels.isEmpty {
                health.window = min(health.window ?? specification.window, specification.window)
            }
            let statistics = watched.stream.statistics
            health.dropped += watched.stream.ring.counts.dropped
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
