import Foundation
import Logging
import Synchronization
import Systemd
import Testing
import XCLIP

@testable import Daemon
@testable import Settings
@testable import Text

/// SIGHUP's work: a good file takes effect, a bad one changes nothing.
@Suite struct ConfigurationReloadTests {
    private func reload(
        _ daemon: TinyDaemon,
        from configuration: Configuration,
        load: @escaping @Sendable () throws -> Configuration
    ) -> ConfigurationReload {
        ConfigurationReload(
            load: load,
            initial: configuration,
            pipeline: daemon.pipeline,
            mqtt: nil,
            webhooks: (daemon.webhooks, daemon.hub),
            status: daemon.status,
            notifier: ServiceNotifier(),
            sink: daemon.sink,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private static func threadName() -> String {
        let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        return (name ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Loading hashes example clips of up to 1 GiB each: on the cooperative pool it would starve the watchdog.
    @Test func theFileIsLoadedOnAThreadOfItsOwn() async throws {
        let configuration = try TinyDaemon.configuration(TinyDaemon.door)
        let daemon = try TinyDaemon(configuration)
        let thread = Mutex("")
        let reload = reload(daemon, from: configuration) {
            thread.withLock { $0 = Self.threadName() }
            return configuration
        }
        let after = await reload.take(over: configuration)
        #expect(thread.withLock { $0 } == "blocking")
        #expect(after.streams == configuration.streams)
        #expect(daemon.status.reload?.isGood == true)
        #expect(daemon.status.reload?.message == "no stream has changed")
    }

    @Test func aFileThatCannotBeLoadedChangesNothing() async throws {
        let configuration = try TinyDaemon.configuration(TinyDaemon.door)
        let daemon = try TinyDaemon(configuration)
        let reload = reload(daemon, from: configuration) { throw OperationError("no such file") }
        let after = await reload.take(over: configuration)
        #expect(after.streams == configuration.streams)
        #expect(daemon.status.reload?.isGood == false)
        #expect(daemon.status.reload?.message == "no such file")
    }

    /// The configuration in force still differs from the one that the daemon was started with.
    @Test func whatWaitsForARestartWaitsAfterAFileThatCannotBeLoadedToo() async throws {
        let configuration = try TinyDaemon.configuration(TinyDaemon.door)
        let daemon = try TinyDaemon(configuration)
        var other = configuration
        other.events.history = configuration.events.history + 1
        let changed = other
        let after = await reload(daemon, from: configuration) { changed }.take(over: configuration)
        #expect(daemon.status.reload?.isGood == true)
        #expect(daemon.status.reload?.restartNeeded == ["events.history"])
        let last = await reload(daemon, from: configuration) { throw OperationError("no such file") }.take(over: after)
        #expect(daemon.status.reload?.isGood == false)
        #expect(daemon.status.reload?.restartNeeded == ["events.history"])
        // And no longer once the file is as it was.
        _ = await reload(daemon, from: configuration) { configuration }.take(over: last)
        #expect(daemon.status.reload?.restartNeeded == [])
    }

    @Test func anotherModelNeedsARestart() async throws {
        let configuration = try TinyDaemon.configuration(TinyDaemon.door)
        let daemon = try TinyDaemon(configuration)
        let other = try TinyDaemon.configuration("  - {name: other, url: /none, labels: [a]}\n", model: "/another")
        let after = await reload(daemon, from: configuration) { other }.take(over: configuration)
        #expect(after.streams == configuration.streams)
        #expect(daemon.pipeline.current.map(\.configuration.name) == ["door"])
        let message = "model.path has changed, which needs a restart; nothing was changed"
        #expect(daemon.status.reload?.message == message)
    }

    /// The model that runs has no weights in int8 for it.
    @Test func aFirstStreamInInt8NeedsARestart() async throws {
        var configuration = try TinyDaemon.configuration(TinyDaemon.door)
        configuration.model.precision = .float32
        configuration.streams[0].options.precision = .float32
        let daemon = try TinyDaemon(configuration)
        #expect(daemon.pipeline.model.precision == .float32)
        let backend = daemon.pipeline.model.backend
        // `auto` among them where the processor has the instructions.
        for choice in PrecisionChoice.allCases where choice.precision(on: backend) == .int8 {
            var other = configuration
            other.streams[0].options.precision = choice
            let changed = other
            let after = await reload(daemon, from: configuration) { changed }.take(over: configuration)
            #expect(after.streams == configuration.streams)
            let message = try #require(daemon.status.reload?.message)
            #expect(message.hasPrefix("a stream would run in int8, and the model was loaded without it"), "\(choice)")
        }
    }

    @Test func anotherPrecisionNeedsARestart() async throws {
        let configuration = try TinyDaemon.configuration(TinyDaemon.door)
        let daemon = try TinyDaemon(configuration)
        var other = configuration
        other.model.precision = configuration.model.precision == .int8 ? .float32 : .int8
        let changed = other
        let after = await reload(daemon, from: configuration) { changed }.take(over: configuration)
        #expect(after.model.precision == configuration.model.precision)
        let message = "model.precision has changed, which needs a restart; nothing was changed"
        #expect(daemon.status.reload?.message == message)
    }
}
