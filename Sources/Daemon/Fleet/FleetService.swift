import EventFeed
import ServiceLifecycle

/// Takes part in the fleet for as long as the daemon runs. It stops after recognition, whose last records it forwards, and
/// before the event feed, from which it reads them.
struct FleetService: Service {
    let host: FleetHost
    let pipeline: RecognitionPipeline
    let hub: EventHub

    private static let lookInterval = Duration.milliseconds(200)

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            // The pipeline changes its streams only while it runs.
            while !pipeline.hasStarted { try await Task.sleep(for: Self.lookInterval) }
            try host.start()
            while true {
                try await Task.sleep(for: Self.lookInterval)
                let prepared = host.followed.prepared
                if !prepared.isEmpty { host.ready(pipeline.ready(of: prepared)) }
            }
        }
        await offCooperativePool {
            hub.flush()
            host.stop()
        }
    }
}
