import EventFeed
import MQTTFeed
import ServiceLifecycle
import Text
import WebhookFeed

/// A feed that delivers the daemon's records to others.
protocol DeliveringFeed: Sendable {
    /// - Returns: false if the system has no threads left.
    func start() -> Bool
    /// Delivers the records up to `seq` and ends.
    func stop(after seq: UInt64)
}

extension MQTTFeed: DeliveringFeed {}
extension WebhookFeed: DeliveringFeed {}

/// Runs such a feed for as long as the daemon runs. It stops after recognition, whose last records it delivers, and before the
/// event feed, from which it reads them.
struct DeliveryService: Service {
    let feed: any DeliveringFeed
    let hub: EventHub

    func run() async throws {
        guard feed.start() else {
            throw OperationError("cannot start a thread for MQTT or a webhook: the system has no more")
        }
        try? await gracefulShutdown()
        await offCooperativePool {
            hub.flush()
            feed.stop(after: hub.seqLast)
        }
    }
}
