import Capture
import ConfigurationText
import Events
import Foundation
import Frames
import Kernels
import MQTTFeed
import MediaClock
import Recognition
import Settings
import Signals
import Synchronization
import System
import Text
import WebFeed
import WebhookFeed
import XCLIP

/// The daemon's part of the answer to `{"status":{}}`: the daemon, its configuration and its streams.
final class DaemonStatus: Sendable {
    /// The result of the last reload.
    struct Reload: Sendable {
        var time: UTCTime
        var isGood: Bool
        var message: String
        /// The keys in which the configuration in force differs from that of the start: they take effect at the next.
        var restartNeeded: [String] = []
    }

    private let file: String
    private let started = (utc: WallClock.now, monotonic: MonotonicTime.now)
    private let pipeline: RecognitionPipeline
    private let mqtt: MQTTFeed?
    private let webhooks: WebhookFeed
    private let fleet: FleetHost?
    private let redact: @Sendable (String) -> String
    private let lastReload = Mutex<Reload?>(nil)

    init(
        file: String,
        pipeline: RecognitionPipeline,
        mqtt: MQTTFeed?,
        webhooks: WebhookFeed,
        fleet: FleetHost? = nil,
        redact: @escaping @Sendable (String) -> String
    ) {
        self.file = file
        self.pipeline = pipeline
        self.mqtt = mqtt
        self.webhooks = webhooks
        self.fleet = fleet
        self.redact = redact
    }

    var startTime: UTCTime { started.utc }

    /// The result of the last reload; nil if there was none.
    var reload: Reload? { lastReload.withLock { $0 } }

    func reloaded(_ reload: Reload) { lastReload.withLock { $0 = reload } }

    /// Adds the members. Takes short locks only, since it runs on the feed's thread.
    func describe(into line: inout JSONLine) {
        line.add("pid", getpid())
        line.add("started", started.utc)
        line.add("uptime_seconds", rounded((MonotonicTime.now - started.monotonic).seconds))
        line.add("model", pipeline.model.name)
        addModel(to: &line)
        line.add("threads", pipeline.threads)
        line.add("frames_per_second", rounded(pipeline.framesPerSecond))
        let health = pipeline.health
        line.add("step_seconds", rounded(health.step.seconds))
        line.add("slowness", health.slowness)
        line.add("configuration", configuration)
        line.add("mqtt", mqtt?.status.members(redact))
        line.add("webhooks", webhooks.statuses.map { $0.members(redact) })
        if let fleet { line.add("fleet", fleet.members(redact)) }
        line.add("pictures_lost", pipeline.pictures?.lost)
        line.add("scores_lost", pipeline.scores?.status.lost)
        line.add("streams", streams)
    }

    /// Every stream and its state.
    var streams: [JSONLine] { pipeline.current.map { stream($0) } }

    /// The overview of the HTTP API.
    ///
    /// - Parameter pictureKey: makes the key of each stream's picture; nil if none is needed.
    func overview(version: String, pictureKey: PictureKey?) -> JSONLine {
        var line = JSONLine()
        line.add("version", version)
        line.add("time", WallClock.now)
        line.add("started", started.utc)
        line.add("model", pipeline.model.name)
        addModel(to: &line)
        let entries = pipeline.current.map { watched in
            var entry = stream(watched)
            entry.add("frame_key", pictureKey?.key(of: watched.configuration.name))
            return entry
        }
        line.add("streams", entries)
        if let fleet { line.add("fleet", fleet.members(redact)) }
        return line
    }

    /// How steps are computed, the frames of a window, and for how many the model was trained if those are others.
    private func addModel(to line: inout JSONLine) {
        line.add("precision", pipeline.model.precision.rawValue)
        line.add("kernels", pipeline.model.backend.description)
        let sizes = pipeline.model.configuration
        line.add("frames", sizes.frames)
        if sizes.frames != sizes.trainedFrames { line.add("trained_frames", sizes.trainedFrames) }
    }

    private var configuration: JSONLine {
        var line = JSONLine()
        line.add("file", file)
        let reload = reload
        line.add("last_reload", reload?.time)
        line.add("reload_ok", reload?.isGood)
        line.add("reload_message", reload.map { redact($0.message) })
        line.add("restart_needed", reload?.restartNeeded ?? [])
        return line
    }

    private func stream(_ watched: RecognitionPipeline.Watched) -> JSONLine {
        let (condition, counters, ring) = (
            watched.supervisor.condition, watched.stream.statistics, watched.stream.ring.counts
        )
        let specification = watched.stream.specification
        var line = JSONLine()
        line.add("stream", watched.configuration.name)
        line.add("state", (condition.health?.state ?? .offline).rawValue)
        line.add("reason", condition.health.map { $0.reason.map(redact) } ?? "not opened yet")
        line.add("since", condition.health.map { WallClock.time(ofMonotonic: $0.since) })
        line.add("url", redact(watched.configuration.url.redacted))
        line.add("codec", condition.source?.codec)
        line.add("width", condition.source?.width)
        line.add("height", condition.source?.height)
        line.add("rate", condition.source?.frameRate)
        line.add("view", specification.view.rawValue)
        line.add("seen", condition.source.flatMap { seen(of: $0, by: watched.configuration) }?.members)
        line.add("clock", condition.clock?.basis.rawValue)
        line.add("clock_reason", condition.clock?.reason)
        line.add("connections", condition.connections)
        line.add("left_behind", condition.abandoned)
        line.add("capture", watched.supervisor.connector.program == nil ? "thread" : "process")
        line.add("capture_pid", condition.capture?.process)
        line.add("confined_by", condition.capture?.confinement)
        line.add("crashes", condition.crashes)
        line.add("last_picture", condition.lastPicture.map { WallClock.time(ofMonotonic: $0) })
        line.add("labels", zip(watched.configuration.allLabels, counters.learned).map { Self.label($0, $1) })
        var signals = JSONLine()
        for signal in watched.configuration.measuredSignals {
            signals.add(signal.rawValue, (condition.signals[signal] * 100).rounded() / 100)
        }
        line.add("signals", signals)
        line.add("window_seconds", specification.window.seconds)
        line.add("reuse", specification.reuse.rawValue)
        line.add("precision", specification.precision(of: pipeline.model).rawValue)
        line.add("pictures", ring.published)
        line.add("dropped", ring.dropped)
        line.add("encoded", counters.frames.encoded)
        line.add("still", counters.frames.gated)
        line.add("decisions", counters.decisions)
        line.add("undefined", counters.frames.undefined)
        line.add("exact_passes", counters.frames.exactPasses)
        line.add("int8_passes", counters.frames.int8Passes)
        line.add("confirmed", counters.checks.confirms.confirmed)
        line.add("confirms", counters.checks.confirms.line)
        line.add("audited", counters.checks.audited)
        line.add("largest_drift", counters.drift.largest)
        line.add("band", counters.drift.band)
        line.add("int8_largest_drift", counters.int8Drift?.largest)
        line.add("int8_band", counters.int8Drift?.band)
        line.add("lag_seconds", counters.lag.seconds)
        line.add("events_suppressed", counters.events.reduce(0) { $0 + $1.suppressed })
        line.add("events_merged", counters.events.reduce(0) { $0 + $1.merged })
        return line
    }

    private func seen(of source: SourceInfo, by stream: StreamConfiguration) -> SeenPicture? {
        SeenPicture(of: source, crop: stream.crop, view: stream.view, transform: pipeline.model.transform)
    }

    /// A label and its rules.
    private static func label(_ label: LabelConfiguration, _ learned: LearnedThreshold.Reading?) -> JSONLine {
        var line = JSONLine()
        line.add("label", label.name)
        line.add("text", label.text)
        if label.texts.count > 1 {
            line.add("texts", label.texts.map(\.text))
            line.add("combine", label.combination.rawValue)
        }
        if !label.against.isEmpty { line.add("against", label.against.map(\.text)) }
        line.add("threshold", learned?.threshold ?? label.rules.threshold)
        line.add("release", learned?.release ?? label.rules.release)
        if let learned { line.add("auto", learned.line) }
        line.add("min_duration", label.rules.minDuration)
        line.add("hold", label.rules.hold)
        line.add("cooldown", label.rules.cooldown)
        line.add("merge_gap", label.rules.mergeGap)
        return line
    }

    private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

extension SeenPicture {
    fileprivate var members: JSONLine {
        var line = JSONLine()
        line.add("share", share)
        line.add(
            "parts",
            regions.enumerated().map { index, region in
                var part = JSONLine()
                part.add("part", parts.name(ofPart: index)?.rawValue)
                part.add("x", region.x)
                part.add("y", region.y)
                part.add("width", region.width)
                part.add("height", region.height)
                return part
            }
        )
        return line
    }
}

extension WebhookStatus {
    fileprivate func members(_ redact: (String) -> String) -> JSONLine {
        var line = JSONLine()
        line.add("name", name)
        line.add("state", isHealthy ? "ok" : "failing")
        line.add("reason", reason.map(redact))
        line.add("delivered", delivered)
        line.add("refused", refused)
        line.add("lost", lost)
        line.add("seq", seq)
        return line
    }
}

extension MQTTStatus {
    fileprivate func members(_ redact: (String) -> String) -> JSONLine {
        var line = JSONLine()
        line.add("state", isConnected ? "connected" : "disconnected")
        line.add("reason", reason.map(redact))
        line.add("delivered", delivered)
        line.add("refused", refused)
        line.add("lost", lost)
        line.add("seq", seqAcknowledged)
        return line
    }
}
