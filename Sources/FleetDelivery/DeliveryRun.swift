import EventFeed
import Fleet
import Logging
import MQTTFeed
import Text
import WebhookFeed

/// The feeds of the host that delivers for the fleet, from its claim to the next.
struct DeliveryRun {
    private(set) var plan: DeliveryPlan
    let mqtt: MQTTFeed?
    let webhooks: WebhookFeed

    /// Starts the feeds. Each goes on after its mark, or after the present last record.
    ///
    /// - Parameter renumbered: called once the numbering of the records has begun anew.
    /// - Throws: `FleetError` if the engine does not answer; `FeedError` if there are no descriptors or threads left.
    init(
        _ plan: DeliveryPlan,
        _ settings: FleetSettings,
        _ marks: FleetMarks,
        version: String,
        announcements: AnnouncementFile,
        renumbered: @escaping @Sendable () -> Void
    ) throws {
        self.plan = plan
        let (feedID, last) = try EngineClient(settings).lastRecord()
        for receiver in marks.all().keys where !plan.receivers.contains(receiver) { marks.keep(nil, receiver) }
        let records = RecordSource(feedID: feedID) { () throws(FeedError) in
            try FleetRecordClient(settings, feedID: feedID, renumbered: renumbered)
        }
        mqtt = try plan.mqtt.map { broker in
            var broker = broker
            // The same on all hosts: the broker ends the connection of a host that hung when the next one connects.
            broker.clientID = broker.clientID ?? Self.clientID(feedID)
            return try MQTTFeed(
                broker,
                source: MQTTFeed.Source(
                    records,
                    startingAfter: last,
                    mark: marks.place(of: DeliveryPlan.broker),
                    announcements: announcements
                ),
                streams: plan.streams,
                version: version,
                report: Self.report
            )
        }
        let source = WebhookFeed.Source(
            records,
            journal: nil,
            version: version,
            marks: { marks.place(of: DeliveryPlan.receiver(webhook: $0)) }
        )
        webhooks = try WebhookFeed(plan.webhooks, source: source, startingAfter: last, report: Self.hookReport)
        guard mqtt?.start() ?? true, webhooks.start() else {
            stop()
            throw FleetError("the system has no threads left to deliver the fleet's records")
        }
    }

    /// Takes other cameras; false if anything else has changed.
    mutating func follow(_ new: DeliveryPlan) -> Bool {
        guard new.mqtt == plan.mqtt, new.webhooks == plan.webhooks else { return false }
        if new.streams != plan.streams { mqtt?.replace(streams: new.streams) }
        plan = new
        return true
    }

    /// Ends at once. What is left is the next host's.
    func stop() {
        mqtt?.stop(after: 0)
        webhooks.stop(after: 0)
    }

    /// 21 characters at most, as the oldest brokers want.
    private static func clientID(_ feedID: String) -> String {
        let hash = feedID.utf8.reduce(into: UInt64(0xcbf2_9ce4_8422_2325)) { $0 = ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "watchword-\(String(hash >> 24, radix: 16))"
    }

    private static let report: @Sendable (MQTTFeed.Notice) -> Void = { notice in
        let logger = Logger(label: "mqtt")
        switch notice {
        case .connected(let broker): logger.notice("delivers the fleet's records to the MQTT broker \(broker)")
        case .trouble(let text): logger.warning("\(text)")
        case .lost(let records): logger.warning("the MQTT broker misses the fleet's \(records.asLost)")
        }
    }

    private static let hookReport: @Sendable (WebhookFeed.Notice) -> Void = { notice in
        let logger = Logger(label: "webhook")
        switch notice {
        case .trouble(let name, let reason): logger.warning("\(name) \(reason)")
        case .works(let name): logger.notice("\(name) takes the fleet's records again")
        case .lost(let name, let records): logger.warning("\(name) misses the fleet's \(records.asLost)")
        }
    }
}
