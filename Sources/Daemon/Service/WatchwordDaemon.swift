import Capture
package import CaptureProcess
import EventFeed
import Fleet
import FleetDelivery
import Foundation
import Kernels
import Logging
import MQTTFeed
import Models
import ServiceLifecycle
package import Settings
import System
package import Systemd
import Text
import UnixSignals
import WebFeed
import WebhookFeed

/// The daemon: configuration in, events out. Connects the parts and keeps them running until SIGTERM.
package struct WatchwordDaemon {
    private let configuration: Configuration
    private let file: String
    private let load: @Sendable () throws -> Configuration
    private let sink: LogSink
    private let version: String
    private let captureProgram: CaptureProgram?
    private let logger: Logger

    /// - Parameters:
    ///   - file: the path of the configuration, for the status.
    ///   - sink: swift-log is bootstrapped with it already.
    ///   - version: the daemon's, for the greeting and the metrics.
    ///   - captureProgram: reads sources in processes of their own; nil if threads read all of them.
    ///   - load: reads the configuration, now and at each reload.
    /// - Throws: the errors of `load`.
    package init(
        file: String,
        sink: LogSink,
        version: String,
        captureProgram: CaptureProgram? = nil,
        load: @escaping @Sendable () throws -> Configuration
    ) throws {
        self.captureProgram = captureProgram
        configuration = try load()
        self.file = file
        self.load = load
        self.sink = sink
        self.version = version
        sink.register(configuration.secrets.values)
        sink.level = configuration.log.level
        sink.format = configuration.log.format
        logger = Logger(label: "daemon")
        LibAVLog.forward(upTo: .warning) { [logger = Logger(label: "libav")] level, line in
            // Debug level: serious lines come again as our own errors, with the stream's name and a remedy.
            logger.debug("\(line)", metadata: ["level": "\(level)"])
        }
    }

    /// Runs until SIGTERM or SIGINT; SIGHUP reloads the configuration.
    ///
    /// The socket opens first, so that subscribers miss nothing. Cameras open last: the daemon is ready without them. The
    /// daemon stops in the opposite order: open events end before the socket closes.
    ///
    /// - Throws: `CheckpointError`, `FeedError`, `JournalError` or `OperationError` if the daemon cannot start.
    package func run() async throws {
        DescriptorLimit.raise()
        try DescriptorNeed.check(
            streams: configuration.streams.count,
            webhooks: configuration.webhooks.count
        )
        let passed = try PassedSocket.take(at: configuration.events.socket)
        let journal = try openJournal()
        let hub = EventHub(
            version: version,
            streams: configuration.streams.map(\.name),
            historyCapacity: configuration.events.history,
            journal: journal
        )
        let server = try makeServer(on: passed, feeding: hub)
        let mqtt = try MQTTFeed.make(configuration, hub: hub, server: server, after: hub.seqLast, version: version)
        let webhooks = try WebhookFeed.make(
            configuration,
            hub: hub,
            server: server,
            after: hub.seqLast,
            version: version
        )
        try journal?.start(feeding: hub) { [logger = Logger(label: "journal")] status in
            if status.state == .degraded {
                logger.warning("journal degraded, events are sent unsaved: \(status.reason ?? "no reason known")")
            } else {
                logger.notice("journal works again: the records held in memory are saved")
            }
        }
        hub.flush()
        defer { journal?.stop() }
        let counters = EventCounters()
        let pipeline = try RecognitionPipeline(
            configuration: configuration,
            hub: hub,
            counters: counters,
            redact: sink.redact,
            program: captureProgram
        )
        for warning in pipeline.labelWarnings(configuration.streams) { logger.warning("\(warning)") }
        for kernel in Int8Kernel.failed {
            logger.warning("int8 kernel \(kernel.rawValue) fails its proof on this processor and is not used")
        }
        logger.info("\(pipeline.summary)")
        logger.info("events at \(configuration.events.socket)")
        let notifier = ServiceNotifier(redact: sink.redact)
        let fleet = try makeFleet(pipeline, hub, server)
        let status = DaemonStatus(
            file: file,
            pipeline: pipeline,
            mqtt: mqtt,
            webhooks: webhooks,
            fleet: fleet,
            redact: sink.redact
        )
        hub.describeStatus { status.describe(into: &$0) }
        let metrics = DaemonMetrics(
            version: version,
            counters: counters,
            pipeline: pipeline,
            hub: hub,
            server: server,
            mqtt: mqtt,
            webhooks: webhooks,
            fleet: fleet,
            status: status
        )
        let reload = ConfigurationReload(
            load: load,
            initial: configuration,
            pipeline: pipeline,
            mqtt: mqtt,
            webhooks: (webhooks, hub),
            status: status,
            notifier: notifier,
            sink: sink,
            logger: logger,
            fleet: fleet.map {
                AssignmentFollower(host: $0, pipeline: pipeline, sink: sink, logger: Logger(label: "fleet"))
            }
        )
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: FeedService(server: server, hub: hub))
        ]
        if let mqtt { services.append(.init(service: DeliveryService(feed: mqtt, hub: hub))) }
        if let fleet { services.append(.init(service: FleetService(host: fleet, pipeline: pipeline, hub: hub))) }
        services += [
            .init(service: DeliveryService(feed: webhooks, hub: hub)),
            .init(service: RecognitionService(pipeline: pipeline)),
            .init(service: StatusService(notifier: notifier, pipeline: pipeline, logger: logger)),
            // If the terminal closes, this service ends, which stops the daemon as cleanly as SIGTERM does.
            .init(service: reload, successTerminationBehavior: .gracefullyShutdownGroup),
        ]
        if let http = configuration.http {
            services.append(.init(service: makeWebService(http, server, pipeline, status, metrics)))
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services,
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
        if let journal { await offCooperativePool { journal.stop() } }
        // Repeated messages that were held back come before the last line.
        sink.flush()
        logger.info("stopped")
    }

    /// Serves on the socket that systemd passed, or else on one of its own.
    private func makeServer(on passed: Int32?, feeding hub: EventHub) throws(FeedError) -> FeedServer {
        let settings = configuration.events
        let report: @Sendable (FeedServer.Notice) -> Void = { [logger] notice in
            switch notice {
            case .unreachable(let error): logger.warning("other programs cannot reach the event socket: \(error)")
            case .restored(let path): logger.warning("the event socket \(path) was gone and is served again")
            }
        }
        guard let passed else {
            return try FeedServer(path: settings.socket, group: settings.group, hub: hub, report: report)
        }
        logger.info("systemd passed the event socket: its group and mode are those of the socket unit")
        return try FeedServer(listening: passed, path: settings.socket, hub: hub, report: report)
    }

    /// This host's place in its fleet; nil for a host alone.
    private func makeFleet(
        _ pipeline: RecognitionPipeline,
        _ hub: EventHub,
        _ server: FeedServer
    ) throws -> FleetHost? {
        guard let settings = configuration.fleet else { return nil }
        guard let journal = configuration.events.journal else {
            throw OperationError("fleet: needs events.journal, from which it forwards the records; set it")
        }
        let logger = Logger(label: "fleet")
        let capacity = settings.capacity ?? HostCapacity.measure(pipeline.model, threads: pipeline.threads)
        logger.info("takes part in the fleet as \(settings.host), with \(capacity.rounded()) frames a second")
        let outbox = FleetOutbox(
            RecordSource(hub, server),
            startingAfter: hub.seqLast,
            mark: "\(journal)-fleet",
            logger: logger
        )
        let heartbeat = Heartbeat(
            host: settings.host,
            run: RandomIdentifier.make(),
            capacity: capacity,
            models: [pipeline.modelDigest],
            version: version
        )
        return try FleetHost(
            settings,
            heartbeat: heartbeat,
            outbox: outbox,
            deliveries: try FleetDeliveries(
                settings,
                version: version,
                announcements: AnnouncementFile(path: "\(journal)-fleet-mqtt-announced"),
                logger: logger
            ),
            notices: FleetNotices(logger: logger)
        ) { text, file, own in try Configuration.load(fleet: text, file: file, on: own) }
    }

    private func makeWebService(
        _ settings: HTTPSettings,
        _ feed: FeedServer,
        _ pipeline: RecognitionPipeline,
        _ status: DaemonStatus,
        _ metrics: DaemonMetrics
    ) -> WebService {
        let server = WebServer(
            settings,
            feed: feed,
            version: version,
            pipeline: pipeline,
            status: status,
            metrics: { metrics.text }
        )
        return WebService(server: server, logger: Logger(label: "http"), listen: settings.listen)
    }

    /// Nil if none is configured.
    private func openJournal() throws -> Journal? {
        guard let path = configuration.events.journal else { return nil }
        var settings = JournalSettings(path: path)
        settings.keep = configuration.events.keep
        settings.keepBytes = configuration.events.keepSize
        let logger = Logger(label: "journal")
        settings.tell = { logger.warning("\($0)") }
        let journal = try Journal(settings)
        logger.info("events are kept in \(path)")
        for notice in journal.notices { logger.warning("\(notice)") }
        if journal.recoveredCount > 0 {
            logger.warning("\(journal.recoveredCount) events left open by a crash end with crash_recovered")
        }
        if journal.status.state == .degraded {
            logger.warning("journal degraded, events are sent unsaved: \(journal.status.reason ?? "no reason known")")
        }
        return journal
    }
}
