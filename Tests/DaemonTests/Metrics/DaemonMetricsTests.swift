import EventFeed
import Foundation
import MQTTFeed
import WebhookFeed
import Testing
import TestSupport

@testable import Daemon
@testable import Settings
@testable import System
@testable import Text

/// The metrics of a pipeline that runs, read by promtool and by a reader of the format's own rules.
@Suite struct DaemonMetricsTests {
    private static let tree = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardizedFileURL.path

    /// A daemon's parts in this process: two streams, one of which cannot be opened.
    private func scraped() async throws -> String {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let configuration = try Configuration.decode(
            """
            model: {path: \(Self.tree)/Tests/XCLIPTests/Golden/tiny}
            events: {journal: \(directory.path)/e.sqlite, pictures: \(directory.path)/pictures}
            mqtt: {url: "mqtt://127.0.0.1:1"}
            webhooks: [{name: phone, url: "http://127.0.0.1:1/secret"}]
            streams:
              - name: live
                url: lavfi:testsrc2=size=160x120:rate=50
                window: 400ms
                threshold: 0
                release: 0
                min_duration: 0s
                labels: [{name: anything, text: a thing}, 'a "quoted" \\ text']
              - {name: gone, url: /nowhere/at/all.mp4, labels: [one]}
            """,
            file: "w.yaml"
        )
        var settings = JournalSettings(path: directory.path + "/e.sqlite")
        settings.patience = patience
        let journal = try Journal(settings)
        let hub = EventHub(version: "1", streams: configuration.streams.map(\.name), journal: journal)
        try journal.start(feeding: hub) { _ in }
        defer { journal.stop() }
        let server = try FeedServer(path: directory.path + "/e.sock", group: nil, hub: hub)
        let counters = EventCounters()
        let redact: @Sendable (String) -> String = { $0 }
        let pipeline = try RecognitionPipeline(
            configuration: configuration,
            hub: hub,
            counters: counters,
            redact: redact
        )
        let mqtt = try MQTTFeed.make(configuration, hub: hub, server: server, after: 0, version: "1")
        let webhooks = try WebhookFeed.make(configuration, hub: hub, server: server, after: 0, version: "1")
        let status = DaemonStatus(
            file: "w.yaml",
            pipeline: pipeline,
            mqtt: mqtt,
            webhooks: webhooks,
            redact: redact
        )
        let metrics = DaemonMetrics(
            version: "1.2.3",
            counters: counters,
            pipeline: pipeline,
            hub: hub,
            server: server,
            mqtt: mqtt,
            webhooks: webhooks,
            status: status
        )
        try pipeline.start()
        defer { pipeline.stop() }
        try await eventually("decisions and events") { pipeline.health.decisions >= 5 && hub.openEvents.count >= 2 }
        return metrics.text
    }

    @Test func promtoolHasNothingToSay() async throws {
        let begun = Date().timeIntervalSince1970
        let text = try await scraped()
        let scraped = Date().timeIntervalSince1970
        let (status, output) = try run("/usr/bin/promtool", ["check", "metrics"], input: text)
        #expect(status == 0 && output.isEmpty, "\(output)")

        let samples = try Self.read(text)
        func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
            samples.first { $0.name == name && $0.labels == labels }?.value
        }
        #expect(value("watchword_build_info", ["version": "1.2.3", "model": "tiny"]) == 1)
        let model = try #require(samples.first { $0.name == "watchword_model_info" })
        #expect(model.value == 1 && Set(model.labels.keys) == ["precision", "kernels"])
        #expect(["float32", "int8"].contains(model.labels["precision"]))
        #expect(value("watchword_streams") == 2)
        #expect(value("watchword_source_up", ["stream": "live"]) == 1)
        #expect(value("watchword_source_up", ["stream": "gone"]) == 0)
        #expect(value("watchword_source_connections_total", ["stream": "live"]) == 1)
        let decisions = try #require(value("watchword_decisions_total", ["stream": "live"]))
        #expect(decisions >= 5)
        let inferences = try #require(value("watchword_inference_duration_seconds_count", ["stream": "live"]))
        #expect(inferences >= 5)
        #expect(value("watchword_events_total", ["stream": "live", "label": "anything", "state": "started"]) == 1)
        #expect(value("watchword_events_total", ["stream": "gone", "label": "one", "state": "started"]) == 0)
        #expect(value("watchword_events_open", ["stream": "live", "label": #"a "quoted" \ text"#]) == 1)
        #expect(value("watchword_config_last_reload_successful") == 1)
        #expect(value("watchword_mqtt_connected") == 0)
        #expect(value("watchword_journal_healthy") == 1)
        #expect(value("watchword_pictures_lost_total") == 0)
        #expect(value("watchword_scores_lost_total") == 0)
        #expect(value("watchword_webhook_records_delivered_total", ["webhook": "phone"]) == 0)
        #expect(value("watchword_webhook_records_lost_total", ["webhook": "phone"]) == 0)
        #expect(value("watchword_mqtt_records_lost_total") == 0)
        #expect(value("watchword_webhook_records_pending", ["webhook": "phone"]) != nil)
        let last = try #require(value("watchword_source_last_frame_timestamp_seconds", ["stream": "live"]))
        #expect(last > begun - 1 && last < scraped + 1)
        // Against what the kernel says elsewhere.
        let resident = try #require(value("process_resident_memory_bytes"))
        #expect(resident > 1e6 && resident < 1e11)
        let start = try #require(value("process_start_time_seconds"))
        #expect(start < Date().timeIntervalSince1970 && start > Date().timeIntervalSince1970 - 86_400)
        let descriptors = try #require(value("process_open_fds"))
        #expect(descriptors >= 3)

        try dashboardNamesOnlyWhatThereIs(Set(samples.map(\.name)))
    }

    /// Every metric that a panel of the dashboard asks for is there.
    private func dashboardNamesOnlyWhatThereIs(_ names: Set<String>) throws {
        let text = try String(contentsOfFile: Self.tree + "/Config/grafana.json", encoding: .utf8)
        let panels = try #require(JSONValue(parsing: text)["panels"]?.array)
        let queries = panels.flatMap { ($0["targets"]?.array ?? []).compactMap { $0["expr"]?.string } }
        #expect(queries.count >= panels.count { $0["type"]?.string != "row" })
        let asked = queries.flatMap { $0.matches(of: /(watchword|process)_[a-z0-9_]+/).map { String($0.output.0) } }
        #expect(asked.count >= queries.count)
        for name in Set(asked).sorted() { #expect(names.contains(name), "the dashboard asks for \(name)") }
    }

    // MARK: - Parts

    private struct Sample {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    /// Reads the text format strictly: a help and a type before the samples of a name, no sample twice.
    private static func read(_ text: String) throws -> [Sample] {
        #expect(text.hasSuffix("\n"))
        var samples: [Sample] = []
        var (typed, helped, seen): (Set<String>, Set<String>, Set<String>) = ([], [], [])
        for line in text.split(separator: "\n").map(String.init) {
            if line.hasPrefix("#") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                try #require(words.count == 4, "\(line)")
                if words[1] == "HELP" { #expect(helped.insert(words[2]).inserted, "\(line)") }
                if words[1] == "TYPE" { #expect(typed.insert(words[2]).inserted, "\(line)") }
                continue
            }
            let shape = /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? ([^ ]+)/
            let match = try #require(line.wholeMatch(of: shape), "\(line)")
            let name = String(match.output.1)
            let family = name.replacing(/_(bucket|sum|count)$/, with: "")
            #expect(typed.contains(name) || typed.contains(family), "\(line)")
            #expect(helped.contains(name) || helped.contains(family), "\(line)")
            #expect(seen.insert("\(name)\(match.output.2 ?? "")").inserted, "twice: \(line)")
            let number = String(match.output.4)
            let value = try #require(number == "+Inf" ? .infinity : Double(number), "\(line)")
            samples.append(Sample(name: name, labels: try labels(match.output.3.map(String.init) ?? ""), value: value))
        }
        return samples
    }

    private static func labels(_ text: String) throws -> [String: String] {
        var labels: [String: String] = [:]
        for match in text.matches(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((\\.|[^"\\])*)",?/) {
            var (value, rest) = ("", match.output.2)
            while let character = rest.popFirst() {
                guard character == "\\" else {
                    value.append(character)
                    continue
                }
                let next = rest.popFirst()
                let escaped = try #require(next)
                try #require("\\\"n".contains(escaped))
                value.append(escaped == "n" ? "\n" : escaped)
            }
            labels[String(match.output.1)] = value
        }
        return labels
    }

    private func run(_ program: String, _ arguments: [String], input: String) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let (standardInput, output) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }
}
