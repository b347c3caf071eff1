import Events
import Fleet
import Testing
import TestSupport
import Text

@testable import Daemon
@testable import EventFeed
@testable import Settings

/// The pipeline as a host of a fleet uses it: what is reported, when, and under which claim.
@Suite struct FleetPipelineTests {
    private static let stream = TinyDaemon.door.replacing(
        "labels: [a, b]",
        with: "threshold: 0, release: 0, min_duration: 0s, cooldown: 0s, labels: [a]"
    )

    private func until(_ what: String, _ condition: () -> Bool) async throws {
        try await eventually(what) { condition() }
    }

    private func assignment(_ notices: FleetMember.Notice..., after earlier: FleetAssignment = FleetAssignment())
        -> FleetAssignment
    {
        notices.reduce(into: earlier) { _ = $0.take($1) }
    }

    /// A daemon without streams of its own, and those of its fleet.
    private func host() throws -> (daemon: TinyDaemon, streams: [StreamConfiguration]) {
        var own = try TinyDaemon.configuration(Self.stream)
        let streams = own.streams
        own.streams = []
        return (try TinyDaemon(own), streams)
    }

    private func records(_ daemon: TinyDaemon) throws -> [JSONValue] {
        try daemon.hub.read(from: 1, limit: 1000).lines.map {
            try JSONValue(parsing: String(decoding: $0.bytes, as: UTF8.self))
        }
    }

    @Test func aCameraIsReportedFromItsClaimOn() async throws {
        let (daemon, streams) = try host()
        let pipeline = daemon.pipeline
        try pipeline.start()
        defer { pipeline.stop() }

        let prepared = assignment(.prepare(camera: "door", from: "other"))
        #expect(try pipeline.follow(streams, prepared, after: FleetAssignment()) == "added: door")
        try await until("a full window") { pipeline.ready(of: ["door"]) == ["door"] }
        #expect(try records(daemon).isEmpty)

        let claimed = assignment(.start(camera: "door", epoch: 7, reason: .moved(from: "other")), after: prepared)
        let stream = try #require(pipeline.current.first?.stream)
        #expect(try pipeline.follow(streams, claimed, after: prepared) == "no stream has changed")
        #expect(pipeline.current.first?.stream === stream, "its window stays")
        try await until("an event") { (try? records(daemon).contains { $0["state"] == "started" }) ?? false }
        // On a busy machine it is `degraded` for a while.
        try await eventually("its health", context: { "\((try? records(daemon)) ?? [])" }) {
            try records(daemon).contains { $0["type"] == "stream" && $0["state"] == "online" }
        }

        let lost = assignment(.stop(camera: "door", owner: "other"), after: claimed)
        #expect(try pipeline.follow([], lost, after: claimed) == "removed: door")
        let all = try records(daemon)
        #expect(all.allSatisfy { $0["epoch"] == 7 }, "\(all)")
        #expect(all.last?["end_reason"] == "moved")
        let events = all.filter { $0["type"] == "event" }
        #expect(events.first?["state"] == "started")
        #expect(events.count { $0["state"] == "started" } == events.count { $0["state"] == "ended" })
    }

    @Test func aRegainedCameraBeginsAnew() async throws {
        let (daemon, streams) = try host()
        let pipeline = daemon.pipeline
        try pipeline.start()
        defer { pipeline.stop() }
        let first = assignment(.start(camera: "door", epoch: 1, reason: .unclaimed))
        try pipeline.follow(streams, first, after: FleetAssignment())
        func starts(_ epoch: Int64) -> Bool {
            (try? records(daemon).contains { $0["state"] == "started" && $0["epoch"] == .integer(epoch) }) ?? false
        }
        try await until("an event") { starts(1) }
        let second = assignment(
            .stop(camera: "door", owner: "other"),
            .start(camera: "door", epoch: 5, reason: .hostLost("other")),
            after: first
        )
        try pipeline.follow(streams, second, after: first)
        try await until("an event under the second claim") { starts(5) }
        let all = try records(daemon)
        let end = try #require(all.first { $0["state"] == "ended" })
        #expect(end["end_reason"] == "moved" && end["epoch"] == 1)
        #expect(!all.contains { $0["type"] == "stream" && $0["state"] == "offline" })
    }

    /// Both notices came while the pipeline was busy. Its events are not reported any more, so their ends must be.
    @Test func aCameraThatIsLostAndPreparedEndsItsEvents() async throws {
        let (daemon, streams) = try host()
        let pipeline = daemon.pipeline
        try pipeline.start()
        defer { pipeline.stop() }
        let first = assignment(.start(camera: "door", epoch: 1, reason: .unclaimed))
        try pipeline.follow(streams, first, after: FleetAssignment())
        try await until("an event") { (try? records(daemon).contains { $0["state"] == "started" }) ?? false }
        let prepared = assignment(
            .stop(camera: "door", owner: "other"),
            .prepare(camera: "door", from: "other"),
            after: first
        )
        try pipeline.follow(streams, prepared, after: first)
        let events = try records(daemon).filter { $0["type"] == "event" }
        #expect(events.last?["end_reason"] == "moved" && events.last?["epoch"] == 1, "\(events)")
        #expect(events.count { $0["state"] == "started" } == events.count { $0["state"] == "ended" })
        try await until("a full window") { pipeline.ready(of: ["door"]) == ["door"] }
        #expect(try records(daemon).filter { $0["type"] == "event" } == events)
    }
}
