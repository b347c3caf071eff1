import EventFeed
import Foundation
import Logging
import MQTTFeed
import ServiceLifecycle
import Settings
import Systemd
import Text
import UnixSignals
import WebhookFeed
import XCLIP

/// Reloads the configuration file on SIGHUP, and follows the fleet. Streams that have not changed run on undisturbed; a file with a mistake in it
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
    /// Nil for a host alone.
    var fleet: AssignmentFollower?

    /// What is to be taken over.
    private enum News {
        case file
        case fleet
    }

    /// How long the fleet's news waits after an attempt that failed.
    private static let pause = Duration.seconds(5)

    func run() async throws {
        let hasTerminal = tcgetpgrp(STDIN_FILENO) >= 0
        let signals = await UnixSignalsSequence(trapping: .sighup)
        let (news, sender) = AsyncStream.makeStream(of: News.self)
        fleet?.host.onChange { sender.yield(.fleet) }
        sender.yield(.fleet)
        guard await pipeline.untilStarted() else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals { sender.yield(.file) }
            }
            var configuration = initial
            for await news in news.cancelOnGracefulShutdown() {
                switch news {
                case .file:
                    // A terminal that closes sends the same signal, and nobody would be left to stop the daemon.
                    if hasTerminal, tcgetpgrp(STDIN_FILENO) < 0 { return group.cancelAll() }
                    notifier.reloading()
                    configuration = await take(over: configuration)
                    notifier.ready(status: pipeline.summary)
                case .fleet:
                    guard let fleet, fleet.host.assignment != fleet.host.followed else { continue }
                    guard await offCooperativePool({ [configuration] in fleet.follow(on: configuration) }) else {
                        group.addTask {
                            try? await Task.sleep(for: Self.pause)
                            sender.yield(.fleet)
                        }
                        continue
                    }
                    notifier.status(pipeline.summary)
                }
            }
            group.cancelAll()
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
            guard new.model.precision == old.model.precision else {
                throw OperationError("model.precision has changed, which needs a restart; nothing was changed")
            }
            guard pipeline.model.offers(new.loadedPrecision) else {
                throw OperationError(
                    "a stream would run in int8, and the model was loaded without it; that needs a restart; nothing was changed"
                )
            }
            try pipeline.checkModel(isStill: new.model.path)
            let (summary, warnings) = try await offCooperativePool { [pipeline, fleet] in
                Result {
                    let streams = fleet?.streams(on: new) ?? new.streams
                    try DescriptorNeed.check(streams: streams.count, webhooks: new.webhooks.count)
                    return (try pipeline.reload(streams), pipeline.labelWarnings(new.streams))
                }
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
            report(isGood: false, "\(error)", old.changesNeedingRestart(since: initial))
            return old
        }
    }

    private func report(isGood: Bool, _ message: String, _ restart: [String]) {
        status.reloaded(
            DaemonStatus.Reload(time: WallClock.now, isGood: isGood, message: message, restartNeeded: restart)
        )
    }
}
