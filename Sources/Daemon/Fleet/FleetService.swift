import EventFeed
import Fleet
import ServiceLifecycle
import Text

/// Takes part in the fleet for as long as the daemon runs. It stops after recognition, whose last records it forwards, and
/// before the event feed, from which it reads them.
struct FleetService: Service {
    let host: FleetHost
    let pipeline: RecognitionPipeline
    let hub: EventHub

    private static let lookInterval = Duration.milliseconds(200)

    func run() async throws {
        guard await pipeline.untilStarted() else { return }
        do { try host.start() } catch { throw OperationError(error.description) }
        try? await cancelWhenGracefulShutdown {
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
