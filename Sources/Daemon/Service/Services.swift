import EventFeed
import Logging
import ServiceLifecycle
import System
import Systemd

/// Serves the event socket as long as the daemon runs.
struct FeedService: Service {
    let server: FeedServer
    let hub: EventHub

    func run() async throws {
        try server.start()
        try? await gracefulShutdown()
        await offCooperativePool {
            // The records that the journal still holds back go out first.
            hub.flush()
            server.stop()
        }
    }
}

/// Runs capture and inference as long as the daemon runs.
struct RecognitionService: Service {
    let pipeline: RecognitionPipeline

    func run() async throws {
        try pipeline.start()
        try? await gracefulShutdown()
        await offCooperativePool { pipeline.stop() }
    }
}

/// Reports to systemd and the operator: readiness, the state of the streams, and the watchdog's beat, which goes out only
/// while inference makes progress.
struct StatusService: Service {
    let notifier: ServiceNotifier
    let pipeline: RecognitionPipeline
    let logger: Logger

    /// How often dropped pictures are logged.
    private static let reportInterval = Duration.seconds(60)
    private static let statusInterval = Duration.seconds(10)
    private static let lookInterval = Duration.seconds(1)

    func run() async throws {
        notifier.ready(status: pipeline.summary)
        pipeline.keepPacked()
        let watchdog = notifier.watchdogInterval
        // A third of the watchdog's interval leaves room for a late beat.
        let pause = min(watchdog.map { $0 / 3 } ?? Self.lookInterval, Self.lookInterval)
        try? await cancelWhenGracefulShutdown {
            var reported = (health: PipelineHealth(), time: MonotonicTime.now)
            var statusTime = MonotonicTime.now
            while !Task.isCancelled {
                // A thread that computes a long window beats between blocks; a thread that hangs does not.
                if let watchdog, pipeline.sinceHeartbeat < watchdog / 2 { notifier.watchdog() }
                try await Task.sleep(for: pause)
                pipeline.watch()
                let now = MonotonicTime.now
                guard now - statusTime >= Self.statusInterval else { continue }
                statusTime = now
                let health = pipeline.health
                notifier.status("\(pipeline.summary); \(health.line)")
                guard now - reported.time >= Self.reportInterval else { continue }
                if let complaint = health.complaint(since: reported.health, over: Self.reportInterval) {
                    logger.warning("\(complaint)")
                }
                reported = (health, now)
            }
        }
        notifier.stopping()
        logger.info("\(pipeline.health.line)")
    }
}
