import EventFeed
import Kernels
import MQTTFeed
import Metrics
import Settings
import System
import Text
import WebhookFeed
import XCLIP

/// All metrics for Prometheus. Each scrape reads the counters that the pipeline, the feed and the supervisors keep anyway,
/// so no frame's path depends on metrics.
final class DaemonMetrics: Sendable {
    private let counters: EventCounters
    private let version: String
    private let pipeline: RecognitionPipeline
    private let hub: EventHub
    private let server: FeedServer
    private let mqtt: MQTTFeed?
    private let webhooks: WebhookFeed
    private let fleet: FleetHost?
    private let status: DaemonStatus

    init(
        version: String,
        counters: EventCounters,
        pipeline: RecognitionPipeline,
        hub: EventHub,
        server: FeedServer,
        mqtt: MQTTFeed?,
        webhooks: WebhookFeed,
        fleet: FleetHost? = nil,
        status: DaemonStatus
    ) {
        self.version = version
        self.counters = counters
        self.pipeline = pipeline
        self.hub = hub
        self.server = server
        self.mqtt = mqtt
        self.webhooks = webhooks
        self.fleet = fleet
        self.status = status
    }

    /// The text for one scrape. Takes short locks only, and reads /proc.
    var text: String { PrometheusText.write(families) }

    var families: [MetricFamily] {
        daemon + StreamMetrics.families(pipeline.current) + [counters.family] + openEvents + kept + feed + broker
            + hooks + (fleet?.metrics ?? []) + ProcessUsage.families
    }

    // MARK: - Parts

    /// The help of the counters of what receivers never get.
    private static let lost =
        "Records that were no longer kept when it was their turn, and numbers that a crash left unused."

    private var daemon: [MetricFamily] {
        var build = MetricFamily(.gauge, "watchword_build_info", "Always 1; the labels hold the version and the model.")
        build.add(1, ["version": version, "model": pipeline.model.name])
        var info = MetricFamily(
            .gauge,
            "watchword_model_info",
            "Always 1; the labels hold how the model's steps are computed, and the processor's kernels."
        )
        let model = pipeline.model
        info.add(1, ["precision": model.precision.rawValue, "kernels": model.backend.description])
        var streams = MetricFamily(.gauge, "watchword_streams", "Configured streams.")
        streams.add(pipeline.current.count)
        var wanted = MetricFamily(
            .gauge,
            "watchword_frames_per_second",
            "Frames a second that all streams together sample."
        )
        wanted.add(pipeline.framesPerSecond)
        var heartbeat = MetricFamily(
            .gauge,
            "watchword_inference_heartbeat_age_seconds",
            "Time since the last sign of progress of the inference thread."
        )
        heartbeat.add(pipeline.sinceHeartbeat.seconds)
        var reload = MetricFamily(
            .gauge,
            "watchword_config_last_reload_successful",
            "Whether the last load of the configuration succeeded; the start counts as one."
        )
        reload.add(status.reload?.isGood ?? true)
        var reloadTime = MetricFamily(
            .gauge,
            "watchword_config_last_reload_timestamp_seconds",
            "Time of the last load of the configuration, in seconds since 1970-01-01 UTC."
        )
        reloadTime.add((status.reload?.time ?? status.startTime).seconds)
        return [build, info, streams, wanted, heartbeat, reload, reloadTime]
    }

    private var openEvents: [MetricFamily] {
        var open = MetricFamily(.gauge, "watchword_events_open", "Events that have started and not yet ended.")
        let events = hub.openEvents
        for watched in pipeline.current {
            let stream = watched.configuration.name
            for label in watched.configuration.allLabels {
                let count = events.count { $0.stream == stream && $0.label == label.name }
                open.add(count, ["stream": stream, "label": label.name])
            }
        }
        return [open]
    }

    /// What could not be kept on the disk, of that which is kept at all.
    private var kept: [MetricFamily] {
        var pictures = MetricFamily(
            .counter,
            "watchword_pictures_lost_total",
            "Pictures and clips of events that could not be kept."
        )
        if let store = pipeline.pictures { pictures.add(store.lost) }
        var scores = MetricFamily(
            .counter,
            "watchword_scores_lost_total",
            "Decisions whose scores could not be kept in the history."
        )
        if let keeper = pipeline.scores { scores.add(keeper.status.lost) }
        return [pictures, scores]
    }

    private var feed: [MetricFamily] {
        let statistics = server.statistics
        var records = MetricFamily(
            .counter,
            "watchword_feed_records_total",
            "The seq of the last record. It continues across restarts if there is a journal."
        )
        records.add(hub.seqLast)
        var subscribers = MetricFamily(.gauge, "watchword_subscribers", "Clients connected to the event socket.")
        subscribers.add(statistics.subscribers)
        var accepted = MetricFamily(.counter, "watchword_subscribers_accepted_total", "Clients accepted.")
        accepted.add(statistics.accepted)
        var refused = MetricFamily(
            .counter,
            "watchword_subscribers_refused_total",
            "Clients refused because the limit was reached."
        )
        refused.add(statistics.refused)
        var cutOff = MetricFamily(
            .counter,
            "watchword_subscribers_cut_off_total",
            "Clients disconnected because they did not read."
        )
        cutOff.add(statistics.cutOff)
        var scores = MetricFamily(
            .counter,
            "watchword_scores_dropped_total",
            "Scores dropped because a client or the socket did not keep up."
        )
        scores.add(statistics.droppedScores)
        var journal = MetricFamily(
            .gauge,
            "watchword_journal_healthy",
            "1 if records are saved before they are sent, 0 if they are sent unsaved."
        )
        if let state = hub.journalStatus?.state { journal.add(state == .ok) }
        return [records, subscribers, accepted, refused, cutOff, scores, journal]
    }

    private var broker: [MetricFamily] {
        guard let broker = mqtt?.status else { return [] }
        var connected = MetricFamily(.gauge, "watchword_mqtt_connected", "Whether the MQTT broker is connected.")
        connected.add(broker.isConnected)
        var connections = MetricFamily(
            .counter,
            "watchword_mqtt_connections_total",
            "Connections that the MQTT broker accepted."
        )
        connections.add(broker.connections)
        var delivered = MetricFamily(
            .counter,
            "watchword_mqtt_messages_delivered_total",
            "Messages that the MQTT broker acknowledged."
        )
        delivered.add(broker.delivered)
        var refused = MetricFamily(
            .counter,
            "watchword_mqtt_messages_refused_total",
            "Messages that the MQTT broker refused."
        )
        refused.add(broker.refused)
        var lost = MetricFamily(.counter, "watchword_mqtt_records_lost_total", Self.lost)
        lost.add(broker.lost)
        var waiting = MetricFamily(
            .gauge,
            "watchword_mqtt_records_waiting",
            "Records that the MQTT broker has not acknowledged."
        )
        let (last, acknowledged) = (hub.seqLast, broker.seqAcknowledged)
        waiting.add(last > acknowledged ? last - acknowledged : 0)
        return [connected, connections, delivered, refused, lost, waiting]
    }

    private var hooks: [MetricFamily] {
        let statuses = webhooks.statuses
        guard !statuses.isEmpty else { return [] }
        var healthy = MetricFamily(
            .gauge,
            "watchword_webhook_healthy",
            "Whether the receiver accepted what it was last offered."
        )
        var delivered = MetricFamily(
            .counter,
            "watchword_webhook_records_delivered_total",
            "Records that the receiver accepted."
        )
        var refused = MetricFamily(
            .counter,
            "watchword_webhook_records_refused_total",
            "Records that the receiver refused, which are skipped."
        )
        var lost = MetricFamily(.counter, "watchword_webhook_records_lost_total", Self.lost)
        var pending = MetricFamily(
            .gauge,
            "watchword_webhook_records_pending",
            "Records that wait for the receiver, whether or not it takes all of them."
        )
        let last = hub.seqLast
        for status in statuses {
            let labels: KeyValuePairs = ["webhook": status.name]
            healthy.add(status.isHealthy, labels)
            delivered.add(status.delivered, labels)
            refused.add(status.refused, labels)
            lost.add(status.lost, labels)
            pending.add(last > status.seq ? last - status.seq : 0, labels)
        }
        return [healthy, delivered, refused, lost, pending]
    }
}

extension UTCTime {
    /// Since 1970-01-01 UTC.
    var seconds: Double { Double(microseconds) / 1e6 }
}
