import ConfigurationText
import Events
import Foundation
import Frames
import Metrics
import Recognition
import Synchronization
import Testing
import TestSupport
import XCLIP

@testable import Daemon
@testable import Settings
@testable import System
@testable import Text

/// A reload of the streams: all of it, or none.
@Suite struct RecognitionPipelineTests {
    private static let changedDoor = TinyDaemon.door.replacing("window: 400ms", with: "window: 800ms")
    private static let gate = TinyDaemon.door.replacing("door", with: "gate")

    /// Waits until `condition` holds, for as long as a busy machine may take.
    private func until(_ what: String, _ condition: () -> Bool) async throws {
        try await eventually(what) { condition() }
    }

    @Test func aReloadWithoutAThreadToBeHadChangesNothing() async throws {
        let failing = Mutex<String?>(nil)
        let daemon = try TinyDaemon(try TinyDaemon.configuration(TinyDaemon.door)) { name, body in
            if failing.withLock({ $0 }) == name { return .failure(Errno(EAGAIN)) }
            return NamedThread.start(name, body)
        }
        let pipeline = daemon.pipeline
        try pipeline.start()
        defer { pipeline.stop() }
        let before = try #require(pipeline.current.first)
        try await until("pictures") { before.stream.ring.counts.published > 0 }

        // The first new thread can be made, the second cannot.
        failing.withLock { $0 = "cap-gate" }
        let next = try TinyDaemon.configuration(Self.changedDoor + Self.gate).streams
        #expect(throws: OperationError.self) { try pipeline.reload(next) }
        #expect(pipeline.current.map(\.configuration) == [before.configuration])
        #expect(pipeline.current.first?.stream === before.stream)
        let published = before.stream.ring.counts.published
        try await until("more pictures of the old stream") { before.stream.ring.counts.published > published }
        #expect(before.supervisor.condition.connections == 1)

        failing.withLock { $0 = nil }
        #expect(try pipeline.reload(next) == "added: gate; restarted: door")
        #expect(pipeline.current.map(\.configuration.name) == ["door", "gate"])
        for stream in pipeline.current {
            try await until("pictures of \(stream.configuration.name)") { stream.stream.ring.counts.published > 0 }
        }
    }

    @Test func aReloadWhoseLabelsCannotBeEncodedChangesNothing() throws {
        let directory = try TemporaryDirectory()
        let clip = directory.path + "/clip.mp4"
        for name in ["clip.mp4", "other.mp4"] { try directory.write("no video but \(name)", to: name) }
        let daemon = try TinyDaemon(try TinyDaemon.configuration(TinyDaemon.door))
        let before = daemon.pipeline.current
        let examples = "{name: a, text: a, examples: [\(clip), \(directory.path)/other.mp4]}"
        let next = try TinyDaemon.configuration(Self.gate.replacing("labels: [a, b]", with: "labels: [\(examples)]"))
        #expect(throws: ConfigurationError.self) { try daemon.pipeline.reload(next.streams) }
        #expect(daemon.pipeline.current.map(\.configuration) == before.map(\.configuration))
    }

    @Test func aStreamWhoseScoresAreNoNumbersIsDegraded() async throws {
        var configuration = try TinyDaemon.configuration(TinyDaemon.door + Self.gate)
        // Stands for a model that goes blind while it runs.
        configuration.streams[0].options.temperature = .nan
        let pipeline = try TinyDaemon(configuration).pipeline
        try pipeline.start()
        defer { pipeline.stop() }
        try await until("the loss of sight") {
            pipeline.watch()
            return pipeline.current[0].supervisor.condition.health?.reason?.contains("no numbers") == true
        }
        try await until("decisions of the other") { pipeline.current[1].stream.statistics.decisions > 0 }
        #expect(pipeline.current[0].supervisor.condition.health?.state == .degraded)
        #expect(pipeline.current[0].stream.statistics.decisions == 0)
        #expect(pipeline.current[0].stream.statistics.frames.undefined > 0)
        #expect(pipeline.current[1].supervisor.condition.health?.reason?.contains("no numbers") != true)
    }

    /// Streams in int8 that nothing confirms run without the floats. The first one that is confirmed reads them.
    @Test func theFloatsAreReadWhenAReloadNeedsThem() async throws {
        var configuration = try TinyDaemon.configuration(TinyDaemon.door)
        configuration.model.precision = .int8
        configuration.streams[0].options.precision = .int8
        (configuration.streams[0].options.confirm, configuration.streams[0].options.audit) = (false, 0)
        let pipeline = try TinyDaemon(configuration).pipeline
        try pipeline.start()
        defer { pipeline.stop() }
        let door = try #require(pipeline.current.first).stream
        try await until("a decision in int8") { door.statistics.decisions > 0 }
        #expect(pipeline.model.precision == .int8 && !pipeline.model.hasFloats)

        configuration.streams[0].options.confirm = true
        #expect(try pipeline.reload(configuration.streams) == "restarted: door")
        #expect(pipeline.model.hasFloats)
        let again = try #require(pipeline.current.first).stream
        try await until("a decision that may be confirmed") { again.statistics.decisions > 0 }
    }

    @Test func theMetricsOfAStreamThatAReloadRemovesAreForgotten() throws {
        let daemon = try TinyDaemon(try TinyDaemon.configuration(TinyDaemon.door + Self.gate))
        let pipeline = daemon.pipeline
        try pipeline.start()
        defer { pipeline.stop() }
        func streams() -> Set<String> {
            Set(daemon.counters.family.samples.flatMap { $0.labels.filter { $0.name == "stream" }.map(\.value) })
        }
        #expect(streams() == ["door", "gate"])
        #expect(try pipeline.reload(TinyDaemon.configuration(TinyDaemon.door).streams) == "removed: gate")
        #expect(streams() == ["door"])
    }
}
