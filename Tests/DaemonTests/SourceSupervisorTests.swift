import Capture
import Events
import Foundation
import Frames
import Recognition
import Synchronization
import TestSupport
import Testing
import XCLIP
import Text

@testable import Daemon
@testable import Settings
@testable import System

/// A test source under a supervisor, with a wall clock that the test sets.
@Suite struct SourceSupervisorTests {
    private final class Witness: RecognitionOutput {
        struct Seen {
            var kinds: [Transition.Kind] = []
            var health: [StreamHealth] = []
        }

        private let state = Mutex(Seen())

        var seen: Seen { state.withLock { $0 } }

        func add(_ health: StreamHealth) { state.withLock { $0.health.append(health) } }

        func transition(_ transition: Transition, label: Int, confirmed: Bool, of stream: StreamSpecification) {
            state.withLock { $0.kinds.append(transition.kind) }
        }

        func decided(_ decision: Decision, of stream: StreamSpecification) {}

        func until(_ what: String, _ condition: (Seen) -> Bool) async throws {
            try await eventually(what, context: { "\(seen)" }) { condition(seen) }
        }
    }

    private static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    /// A tiny model's worker, and a stream whose label is always there.
    private struct Parts {
        let directory: TemporaryDirectory
        let model: XCLIPModel
        let stream: InferenceWorker.Stream
        let witness = Witness()
        let worker: InferenceWorker

        var interval: Double { stream.specification.interval(frames: model.configuration.frames) }

        init() throws {
            directory = try TemporaryDirectory()
            try RandomCheckpoint.write(.tiny, to: directory.path, seed: 5)
            model = try XCLIPModel(directory: directory.path)
            let rules = EventRules(threshold: 0, release: 0, minDuration: .zero, hold: .zero, cooldown: .zero)
            let specification = StreamSpecification(
                name: "cam",
                labels: [.init(name: "any", text: "anything", rules: rules)],
                window: .milliseconds(400)
            )
            stream = InferenceWorker.Stream(
                specification: specification,
                embeddings: try TextEncoder(directory: directory.path).encode(specification.texts, threads: 1),
                pictureBytes: model.transform.byteCount
            )
            worker = InferenceWorker(model: model, threads: 1, output: witness)
        }

        func supervisor(
            _ url: String,
            schedule: ActiveWatch = ActiveWatch(ActiveHours([])),
            report: @escaping @Sendable (StreamHealth) -> Void
        ) -> SourceSupervisor {
            SourceSupervisor(
                stream: stream,
                options: SourceOptions(url: url, transform: model.transform, interval: interval),
                schedule: schedule,
                frozenAfter: .zero,
                worker: worker,
                connector: SourceConnector(),
                report: report
            )
        }
    }

    /// A report may log or write to a socket, so it must not hold up whoever asks for the stream's condition.
    @Test func aReportIsMadeOutsideTheLock() async throws {
        let parts = try Parts()
        let supervisor = Mutex<SourceSupervisor?>(nil)
        let conditions = Mutex<[SourceSupervisor.Condition]>([])
        let made = parts.supervisor("/nowhere/at/all.mp4") { [witness = parts.witness] health in
            // Under the supervisor's lock this would never return.
            if let condition = supervisor.withLock({ $0 })?.condition { conditions.withLock { $0.append(condition) } }
            witness.add(health)
        }
        supervisor.withLock { $0 = made }
        try made.prepare()
        made.begin()
        try await parts.witness.until("offline") { $0.health.last?.state == .offline }
        #expect(conditions.withLock { $0.first?.health?.state } == .offline)
        made.cancel()
        SourceSupervisor.join([made])
        supervisor.withLock { $0 = nil }
    }

    @Test func nothingIsReportedOnceItIsCancelled() async throws {
        let parts = try Parts()
        let supervisor = parts.supervisor("/nowhere/at/all.mp4") { [witness = parts.witness] in witness.add($0) }
        try supervisor.prepare()
        supervisor.cancel()
        supervisor.begin()
        SourceSupervisor.join([supervisor])
        #expect(parts.witness.seen.health.isEmpty)
    }

    @Test func outsideItsActiveHoursAStreamIsClosedAndItsEventsEnd() async throws {
        let parts = try Parts()
        let (stream, witness, worker) = (parts.stream, parts.witness, parts.worker)

        var span = ActiveHours.Span()
        span.from = try #require(DayTime("07:00"))
        span.to = try #require(DayTime("19:30"))
        span.timeZone = .gmt
        let clock = Mutex(try Self.date("2026-11-23T06:00:00Z"))
        // Each question finds the calendar a second older, and so looked at anew.
        let questions = Mutex(0)
        let schedule = ActiveWatch(ActiveHours([span])) {
            questions.withLock {
                $0 += 1
                return .seconds($0)
            }
        } civil: {
            clock.withLock { $0 }
        }
        let supervisor = parts.supervisor("lavfi:testsrc2=size=64x48:rate=50", schedule: schedule) { [witness] in
            witness.add($0)
        }
        #expect(worker.start())
        worker.apply([.add(stream)])
        try supervisor.prepare()
        supervisor.begin()
        defer {
            supervisor.cancel()
            worker.stop()
            SourceSupervisor.join([supervisor])
        }

        let reason = "outside its active hours: 07:00 to 19:30 (GMT)"
        try await witness.until("offline") { $0.health.last?.reason == reason }
        #expect(witness.seen.health.map(\.state) == [.offline])
        #expect(stream.ring.counts.published == 0)

        clock.withLock { $0 += 2 * 3600 }
        try await witness.until("an event") { $0.kinds.contains(.started) }
        #expect(witness.seen.health.map(\.state) == [.offline, .online])

        clock.withLock { $0 += 12 * 3600 }
        try await witness.until("its end") { $0.kinds.contains(.ended(.inactive)) }
        try await witness.until("offline") { $0.health.count == 3 }
        #expect(witness.seen.health.last?.state == .offline)
        #expect(witness.seen.health.last?.reason == reason)
        // Nothing is watched any more: the one thread that could does nothing but ask whether it is to.
        let published = stream.ring.counts.published
        let count = witness.seen.kinds.count
        let asked = questions.withLock(\.self)
        try await eventually("questions whether to watch again") { questions.withLock(\.self) >= asked + 6 }
        #expect(stream.ring.counts.published == published)
        #expect(witness.seen.kinds.count == count)

        // The clock is set back into the hours.
        clock.withLock { $0 -= 3600 }
        try await witness.until("another event") { $0.kinds.count { $0 == .started } == 2 }
        #expect(witness.seen.health.map(\.state) == [.offline, .online, .offline, .online])
    }
}
