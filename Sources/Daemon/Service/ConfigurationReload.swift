import Foundation
import Logging
import MQTTFeed
import ServiceLifecycle
import Settings
import Text
import UnixSignals

/// Takes the file's configuration anew on SIGHUP, without touching what stays the same. A file with a mistake in it
/// changes nothing. It ends when the terminal that the daemon was run from goes away.
struct ConfigurationReload: Service {
    let load: @Sendable () throws -> Configuration
    /// What the daemon was started with.
    let initial: Configuration
    let pipeline: RecognitionPipeline
    let mqtt: MQTTFeed?
    let status: DaemonStatus
    let notifier: ServiceNotifier
    let sink: LogSink
    let logger: Logger

    func run() async throws {
        let hasTerminal = tcgetpgrp(STDIN_FILENO) >= 0
        let signals = await UnixSignalsSequence(trapping: .sighup)
        var configuration = initial
        for await _ in signals.cancelOnGracefulShutdown() {
            // A terminal's end sends the same signal. Nobody would be left to stop the daemon.
            if hasTerminal, tcgetpgrp(STDIN_FILENO) < 0 { return }
            notifier.reloading()
            configuration = await take(over: configuration)
            notifier.ready(status: pipeline.summary)
        }
    }

    /// The configuration in force afterwards.
    private func take(over old: Configuration) async -> Configuration {
        do {
            let new = try load()
            sink.register(new.secrets.values)
            guard new.model.path == old.model.path else {
                throw OperationError("model.path is another: that takes a restart; nothing was changed")
            }
            let summary = try await offCooperativePool { [pipeline] in
                Result { try pipeline.reload(new.streams) }
            }.get()
            mqtt?.replace(streams: new.streams.map(\.published))
            sink.level = new.log.level
            sink.format = new.log.format
            let restart = new.changesNeedingRestart(since: initial)
            logger.notice("configuration taken anew: \(summary)")
            if !restart.isEmpty {
                logger.warning("takes effect at the next start: \(restart.joined(separator: ", "))")
            }
            report(isGood: true, summary, restart)
            return new
        } catch {
            for line in "\(error)".split(separator: "\n") { logger.error("\(line)") }
            logger.error("the configuration was not taken: the daemon goes on with the old one")
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
