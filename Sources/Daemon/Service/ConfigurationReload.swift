import EventFeed
import Foundation
import Logging
import MQTTFeed
import ServiceLifecycle
import Settings
import Text
import UnixSignals
import WebhookFeed

/// Reloads the configuration file on SIGHUP. Streams that have not changed run on undisturbed; a file with a mistake in it
/// changes nothing. The service ends when the terminal that the daemon was started from goes away.
struct ConfigurationReload: Service {
    let load: @Sendable () throws -> Configuration
    /// The configuration that the daemon was started with.
    let initial: Configuration
    let pipeline: RecognitionPipeline
    let mqtt: MQTTFeed?
    /// The webhooks, and the hub whose records new ones begin with.
    let webhooks: (feed: WebhookFeed, hub: EventHub)
    let status: DaemonStatus
    let notifier: ServiceNotifier
    let sink: LogSink
    let logger: Logger

    func run() async throws {
        let hasTerminal = tcgetpgrp(STDIN_FILENO) >= 0
        let signals = await UnixSignalsSequence(trapping: .sighup)
        var configuration = initial
        for await _ in signals.cancelOnGracefulShutdown() {
            // A terminal that closes sends the same signal, and nobody would be left to stop the daemon.
            if hasTerminal, tcgetpgrp(STDIN_FILENO) < 0 { return }
            notifier.reloading()
            configuration = await take(over: configuration)
            notifier.ready(status: pipeline.summary)
        }
    }

    /// Loads the file and applies it.
    ///
    /// Loading hashes the example clips, which takes minutes for large ones. It happens on a thread of its own: the
    /// cooperative pool may have a single thread, which the watchdog's beat needs.
    ///
    /// - Parameter old: the configuration in force.
    /// - Returns: the configuration in force afterwards: `old` if the new one was rejected.
    func take(over old: Configuration) async -> Configuration {
        do {
            let new = try await offCooperativePool { [load] in Result { try load() } }.get()
            sink.register(new.secrets.values)
            guard new.model.path == old.model.path else {
                throw OperationError("model.path has changed, which needs a restart; nothing was changed")
            }
            guard new.model.frames == old.model.frames else {
                throw OperationError("model.frames has changed, which needs a restart; nothing was changed")
            }
            try DescriptorNeed.check(streams: new.streams.count, webhooks: new.webhooks.count)
            try pipeline.checkModel(isStill: new.model.path)
            let (summary, warnings) = try await offCooperativePool { [pipeline] in
                Result { (try pipeline.reload(new.streams), pipeline.labelWarnings(new.streams)) }
            }.get()
            mqtt?.replace(streams: new.streams.map(\.published))
            await offCooperativePool { [webhooks] in
                webhooks.feed.replace(new.webhooks, after: webhooks.hub.seqLast)
            }
            sink.level = new.log.level
            sink.format = new.log.format
            let restart = new.changesNeedingRestart(since: initial)
            logger.notice("configuration reloaded: \(summary)")
            for warning in warnings { logger.warning("\(warning)") }
            if !restart.isEmpty {
                logger.warning("takes effect at the next start: \(restart.joined(separator: ", "))")
            }
            report(isGood: true, summary, restart)
            return new
        } catch {
            for line in "\(error)".split(separator: "\n") { logger.error("\(line)") }
            logger.error("the new configuration was rejected; the old one stays in force")
            report(isGood: false, "\(error)", [])
            return old
        }
    }

    private func report(isGood: Bool, _ message: String, _ restart: [String]) {
        status.reloaded(
            DaemonStatus.Reload(time: WallClock.now, isGood: isGood, message: message, restartNeeded: restart)
        )
    }
}
