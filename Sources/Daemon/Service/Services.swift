import EventFeed
import Logging
import ServiceLifecycle
import System

/// The event socket for as long as the daemon runs.
struct FeedService: Service {
    let server: FeedServer
    let hub: EventHub

    func run() async throws {
        try server.start()
        try? await gracefulShutdown()
        await offCooperativePool {
            // What the journal still holds back goes out first.
            hub.flush()
            server.stop()
        }
    }
}

/// Capture and inference.
struct RecognitionService: Service {
    let pipeline: RecognitionPipeline

    func run() async throws {
        try pipeline.start()
        try? await gracefulShutdown()
        await offCooperativePool { pipeline.stop() }
    }
}

/// What systemd and the operator are told: ready, how the streams fare, and the watchdog, fed only while inference makes
/// progress.
struct StatusService: Service {
    let notifier: ServiceNotifier
    let pipeline: RecognitionPipeline
    let logger: Logger

    /// How often what was dropped is complained of.
    private static let reportInterval = Duration.seconds(60)
    private static let statusInterval = Duration.seconds(10)
    private static let lookInterval = Duration.seconds(1)

    func run() async throws {
        notifier.ready(status: pipeline.summary)
        let watchdog = notifier.watchdogInterval
        // A third of the watchdog's interval leaves room for a late beat.
        let pause = min(watchdog.map { $0 / 3 } ?? Self.lookInterval, Self.lookInterval)
        try? await cancelWhenGracefulShutdown {
            var reported = (health: PipelineHealth(), time: MonotonicTime.now)
            var told = MonotonicTime.now
            while !Task.isCancelled {
                // A thread that computes a long window still beats between blocks; one that hangs does not.
                if let watchdog, pipeline.sinceHeartbeat < watchdog / 2 { notifier.watchdog() }
                try await Task.sleep(for: pause)
                pipeline.watch()
                let now = MonotonicTime.now
                guard now - told >= Self.statusInterval else { continue }
                told = now
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
