import Events
import Frames
import Metrics
import Recognition
import Settings
import Signals
import System
import Text

/// The metrics of the streams: in every family one sample for each stream.
enum StreamMetrics {
    static func families(_ streams: [RecognitionPipeline.Watched]) -> [MetricFamily] {
        let readings = streams.map(Reading.init)
        return numbers.map { number in
            var family = MetricFamily(number.kind, number.name, number.help)
            for reading in readings {
                guard let value = number.value(reading) else { continue }
                family.add(value, ["stream": reading.name])
            }
            return family
        } + [drops(readings), confirms(readings), signals(readings), durations(readings)] + labels(readings)
    }

    /// A stream's counters, read once for all families.
    private struct Reading {
        let name: String
        let condition: SourceSupervisor.Condition
        let counters: InferenceWorker.StreamCounters
        let pictures: FrameRing.Counts
        let labels: [String]
        let signals: [Signal]

        init(_ watched: RecognitionPipeline.Watched) {
            name = watched.configuration.name
            condition = watched.supervisor.condition
            counters = watched.stream.statistics
            pictures = watched.stream.ring.counts
            labels = watched.configuration.allLabels.map(\.name)
            signals = watched.configuration.measuredSignals
        }
    }

    private struct Number {
        let kind: MetricFamily.Kind
        let name: String
        let help: String
        let value: (Reading) -> Double?
    }

    private static var numbers: [Number] { source + recognition }

    private static var source: [Number] {
        [
            Number(
                kind: .counter,
                name: "watchword_source_crashes_total",
                help: "Processes reading the source that crashed, or were killed because they hung."
            ) { Double($0.condition.crashes) },
            Number(kind: .gauge, name: "watchword_source_up", help: "0 while the stream is offline, else 1.") {
                $0.condition.health.map { $0.state == .offline ? 0 : 1 } ?? 0
            },
            Number(
                kind: .gauge,
                name: "watchword_source_degraded",
                help: "1 while the stream is degraded: up, but in trouble."
            ) {
                $0.condition.health.map { $0.state == .degraded ? 1 : 0 } ?? 0
            },
            Number(
                kind: .counter,
                name: "watchword_source_connections_total",
                help: "Times the source was opened; each after the first follows a loss."
            ) { Double($0.condition.connections) },
            Number(
                kind: .gauge,
                name: "watchword_source_abandoned_attempts",
                help: "Attempts to open or read the source that still hang in a system call."
            ) { Double($0.condition.abandoned) },
            Number(
                kind: .gauge,
                name: "watchword_source_last_frame_timestamp_seconds",
                help: "Time of the last picture, in seconds since 1970-01-01 UTC."
            ) { $0.condition.lastPicture.map { WallClock.time(ofMonotonic: $0).seconds } },
            Number(kind: .counter, name: "watchword_frames_sampled_total", help: "Pictures taken on the sampling grid.")
            {
                Double($0.pictures.published)
            },
        ]
    }

    private static func drops(_ readings: [Reading]) -> MetricFamily {
        var family = MetricFamily(
            .counter,
            "watchword_frames_dropped_total",
            "Sampled pictures that never reached the model: a newer one came first, or their source was lost."
        )
        for reading in readings {
            family.add(Double(reading.pictures.dropped), ["stream": reading.name, "reason": "overload"])
            family.add(Double(reading.pictures.discarded), ["stream": reading.name, "reason": "source_lost"])
        }
        return family
    }

    private static var recognition: [Number] {
        [
            Number(kind: .counter, name: "watchword_frames_encoded_total", help: "Pictures that the model encoded.") {
                Double($0.counters.frames.encoded)
            },
            Number(
                kind: .counter,
                name: "watchword_frames_gated_total",
                help: "Pictures that showed nothing new and were not encoded."
            ) { Double($0.counters.frames.gated) },
            Number(kind: .counter, name: "watchword_decisions_total", help: "Windows that were scored.") {
                Double($0.counters.decisions)
            },
            Number(
                kind: .counter,
                name: "watchword_undefined_scores_total",
                help: "Windows whose scores were no numbers: the model is damaged."
            ) { Double($0.counters.frames.undefined) },
            Number(
                kind: .counter,
                name: "watchword_exact_passes_total",
                help: "Whole windows that the published model scored, for a confirm, an audit or a cut."
            ) { Double($0.counters.frames.exactPasses) },
            Number(
                kind: .counter,
                name: "watchword_int8_passes_total",
                help: "Whole windows scored in int8, before the published model or in place of it."
            ) { Double($0.counters.frames.int8Passes) },
            Number(
                kind: .counter,
                name: "watchword_confirms_total",
                help: "Decisions by the published model because a score was close to a threshold."
            ) { Double($0.counters.checks.confirms.confirmed) },
            Number(
                kind: .counter,
                name: "watchword_audits_total",
                help: "Decisions that the published model checked at random."
            ) { Double($0.counters.checks.audited) },
            Number(
                kind: .gauge,
                name: "watchword_score_drift_max",
                help: "The largest difference between a score and the published model's, over all audits."
            ) { $0.counters.drift.largest },
            Number(
                kind: .gauge,
                name: "watchword_confirm_band",
                help: "How close to a threshold a score must be to be confirmed."
            ) { $0.counters.drift.band },
            Number(
                kind: .gauge,
                name: "watchword_int8_score_drift_max",
                help: "As watchword_score_drift_max, of whole windows in int8."
            ) { $0.counters.int8Drift?.largest },
            Number(
                kind: .gauge,
                name: "watchword_int8_confirm_band",
                help: "As watchword_confirm_band, of whole windows in int8."
            ) { $0.counters.int8Drift?.band },
            Number(
                kind: .gauge,
                name: "watchword_lag_seconds",
                help: "From the arrival of the newest picture to its scores, at the last decision."
            ) { $0.counters.lag.seconds },
        ]
    }

    private static func confirms(_ readings: [Reading]) -> MetricFamily {
        var family = MetricFamily(
            .counter,
            "watchword_close_scores_total",
            "Decisions with a score close to a threshold: confirmed, by the reason, spared or settled."
        )
        for reading in readings {
            for (reason, count) in reading.counters.checks.confirms.byReason {
                family.add(Double(count), ["stream": reading.name, "reason": reason])
            }
        }
        return family
    }

    private static func signals(_ readings: [Reading]) -> MetricFamily {
        var family = MetricFamily(
            .gauge,
            "watchword_signal_score",
            "How plainly the newest picture shows a fault or state of the video signal, from 0 to 1."
        )
        for reading in readings {
            for signal in reading.signals {
                family.add(reading.condition.signals[signal], ["stream": reading.name, "signal": signal.rawValue])
            }
        }
        return family
    }

    private static func durations(_ readings: [Reading]) -> MetricFamily {
        var family = MetricFamily(
            .histogram,
            "watchword_inference_duration_seconds",
            "From the beginning of a batch to the scores of the stream's window."
        )
        family.samples = readings.map { reading in
            MetricFamily.Sample(
                labels: [MetricFamily.Label(name: "stream", value: reading.name)],
                value: .histogram(reading.counters.inference)
            )
        }
        return family
    }

    private static func labels(_ readings: [Reading]) -> [MetricFamily] {
        var suppressed = MetricFamily(
            .counter,
            "watchword_events_suppressed_total",
            "Events that the cooldown held back."
        )
        var merged = MetricFamily(
            .counter,
            "watchword_events_merged_total",
            "Events that merge_gap joined to the event before."
        )
        for reading in readings {
            for (label, counts) in zip(reading.labels, reading.counters.events) {
                suppressed.add(counts.suppressed, ["stream": reading.name, "label": label])
                merged.add(counts.merged, ["stream": reading.name, "label": label])
            }
        }
        return [suppressed, merged]
    }
}
