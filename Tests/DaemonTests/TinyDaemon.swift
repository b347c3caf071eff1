import EventFeed
import Foundation
import Logging
import Testing
import TestSupport
import WebhookFeed

@testable import Daemon
@testable import Settings
@testable import System
@testable import Systemd
@testable import Text

/// The daemon's parts in the test's process, with the tiny model and no socket.
struct TinyDaemon {
    static let tree = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL.path
    /// A test source that never ends. It fits under `streams:` of `configuration`.
    ///
    /// Hardly anything moves in its pictures: a slow machine would find them frozen before a test is over.
    static let door =
        "  - {name: door, url: \"lavfi:testsrc2=size=64x48:rate=25\", frozen_after: 0s, window: 400ms, labels: [a, b]}\n"

    let hub: EventHub
    let webhooks: WebhookFeed
    private let directory: TemporaryDirectory
    let counters = EventCounters()
    let pipeline: RecognitionPipeline
    let status: DaemonStatus
    let sink: LogSink

    /// - Parameter streams: YAML of the list below `streams:`.
    static func configuration(_ streams: String, model: String = tree + "/Tests/XCLIPTests/Golden/tiny") throws
        -> Configuration
    {
        try Configuration.decode("model: {path: \(model)}\nstreams:\n\(streams)", file: "w.yaml")
    }

    init(
        _ configuration: Configuration,
        startThread: @escaping ThreadStart = { NamedThread.start($0, $1) }
    ) throws {
        directory = try TemporaryDirectory()
        hub = EventHub(version: "1", streams: configuration.streams.map(\.name))
        let redact: @Sendable (String) -> String = { $0 }
        pipeline = try RecognitionPipeline(
            configuration: configuration,
            hub: hub,
            counters: counters,
            redact: redact,
            startThread: startThread
        )
        let server = try FeedServer(path: directory.path + "/e.sock", group: nil, hub: hub)
        webhooks = try WebhookFeed.make(configuration, hub: hub, server: server, after: 0, version: "1")
        status = DaemonStatus(
            file: "w.yaml",
            pipeline: pipeline,
            mqtt: nil,
            webhooks: webhooks,
            redact: redact
        )
        sink = LogSink(level: .critical, fileDescriptor: STDERR_FILENO, style: .timestamped) { .zero }
    }
}
