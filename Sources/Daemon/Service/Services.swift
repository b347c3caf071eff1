import EventFeed
import Frames
import Logging
import ServiceLifecycle

/// The event socket for as long as the daemon runs.
struct FeedService: Service {
    let server: FeedServer

    func run() async throws {
        try server.start()
        try? await gracefulShutdown()
        await offCooperativePool { server.stop() }
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

/// What systemd is told: ready, status, and the watchdog, fed only while inference makes progress.
struct SystemdService: Service {
    let notifier: ServiceNotifier
    let pipeline: RecognitionPipeline

    func run() async throws {
        notifier.ready(status: pipeline.summary)
        let interval = notifier.watchdogInterval
        // A third of the interval leaves room for a late beat.
        let pause = interval.map { $0 / 3 } ?? .seconds(3600)
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A thread that computes a long window still beats between frames; one that hangs does not.
                if let interval, pipeline.sinceHeartbeat < interval / 2 { notifier.watchdog() }
                try await Task.sleep(for: pause)
            }
        }
        notifier.stopping()
    }
}
