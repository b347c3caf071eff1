import EventFeed
import MQTTFeed
import Settings
import System
import Text
import XCLIP

/// All that Prometheus is told, read when it asks: from the counters that the pipeline, the feed and the supervisors keep
/// anyway. Nothing on a frame's way knows of it.
final class DaemonMetrics: Sendable {
    private let counters: EventCounters
    private let version: String
    private let pipeline: RecognitionPipeline
    private let hub: EventHub
    private let server: FeedServer
    private let mqtt: MQTTFeed?
    private let status: DaemonStatus

    init(
        version: String,
        counters: EventCounters,
        pipeline: RecognitionPipeline,
        hub: EventHub,
        server: FeedServer,
        mqtt: MQTTFeed?,
        status: DaemonStatus
    ) {
        self.version = version
        self.counters = counters
        self.pipeline = pipeline
        self.hub = hub
        self.server = server
        self.mqtt = mqtt
        self.status = status
    }

    /// The text for one scrape. Takes short locks only, and reads /proc.
    var text: String { PrometheusText.write(families) }

    var families: [MetricFamily] {
        daemon + StreamMetrics.families(pipeline.current) + [counters.family] + openEvents + feed + broker
            + ProcessUsage.families
    }

    // MARK: - Parts

    private var daemon: [MetricFamily] {
        var build = MetricFamily(.gauge, "watchword_build_info", "Always 1; the labels tell the version and the model.")
        build.add(1, ["version": version, "model": pipeline.model.name])
        var streams = MetricFamily(.gauge, "watchword_streams", "Streams that are configured.")
        streams.add(pipeline.current.count)
        var wanted = MetricFamily(
            .gauge,
            "watchword_frames_per_second",
            "Frames a second that the streams ask for, together."
        )
        wanted.add(pipeline.framesPerSecond)
        var heartbeat = MetricFamily(
            .gauge,
            "watchword_inference_heartbeat_age_seconds",
            "How long ago the inference thread last showed that it goes on."
        )
        heartbeat.add(pipeline.sinceHeartbeat.seconds)
        var reload = MetricFamily(
            .gauge,
            "watchword_config_last_reload_successful",
            "Whether the last attempt to take a configuration was good: the start counts as one."
        )
        reload.add(status.reload?.isGood ?? true)
        var reloadTime = MetricFamily(
            .gauge,
            "watchword_config_last_reload_timestamp_seconds",
            "When that was, in seconds since 1970-01-01 UTC."
        )
        reloadTime.add((status.reload?.time ?? status.startTime).seconds)
        return [build, streams, wanted, heartbeat, reload, reloadTime]
    }

    private var openEvents: [MetricFamily] {
        var open = MetricFamily(.gauge, "watchword_events_open", "Events that have started and not ended.")
        let events = hub.openEvents
        for watched in pipeline.current {
            let stream = watched.configuration.name
            for label in watched.configuration.labels {
                let count = events.count { $0.stream == stream && $0.label == label.name }
                open.add(count, ["stream": stream, "label": label.name])
            }
        }
        return [open]
    }

    private var feed: [MetricFamily] {
        let statistics = server.statistics
        var records = MetricFamily(
            .counter,
            "watchword_feed_records_total",
            "Records that were numbered: the seq of the last, over restarts where there is a journal."
        )
        records.add(hub.seqLast)
        var subscribers = MetricFamily(.gauge, "watchword_subscribers", "Clients of the event socket.")
        subscribers.add(statistics.subscribers)
        var accepted = MetricFamily(.counter, "watchword_subscribers_accepted_total", "Clients that were let in.")
        accepted.add(statistics.accepted)
        var refused = MetricFamily(
            .counter,
            "watchword_subscribers_refused_total",
            "Clients turned away for there were too many."
        )
        refused.add(statistics.refused)
        var cutOff = MetricFamily(
            .counter,
            "watchword_subscribers_cut_off_total",
            "Clients cut off for they did not read."
        )
        cutOff.add(statistics.cutOff)
        var scores = MetricFamily(
            .counter,
            "watchword_scores_dropped_total",
            "Scores not passed on for a client or the socket did not keep up."
        )
        scores.add(statistics.droppedScores)
        var journal = MetricFamily(
            .gauge,
            "watchword_journal_healthy",
            "1 where records are saved before anybody gets them, 0 where they go out unsaved."
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
        var waiting = MetricFamily(
            .gauge,
            "watchword_mqtt_records_waiting",
            "Records that the MQTT broker has not acknowledged."
        )
        let (last, acknowledged) = (hub.seqLast, broker.seqAcknowledged)
        waiting.add(last > acknowledged ? last - acknowledged : 0)
        return [connected, connections, delivered, waiting]
    }
}

extension UTCTime {
    /// Since 1970-01-01 UTC.
    var seconds: Double { Double(microseconds) / 1e6 }
}
