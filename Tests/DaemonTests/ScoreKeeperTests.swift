import Events
import Foundation
import ScoreHistory
import TestSupport
import Testing
import XCLIP

@testable import Daemon
@testable import Recognition
@testable import Settings
@testable import System
@testable import Text

/// The history that a daemon keeps beside its journal.
@Suite struct ScoreKeeperTests {
    private func configuration(
        _ directory: TemporaryDirectory,
        _ streams: String = TinyDaemon.door
    ) throws -> Configuration {
        try Configuration.decode(
            "events: {journal: \(directory.path)/e.sqlite}\nmodel: {path: \(TinyDaemon.tree)/Tests/XCLIPTests/Golden/tiny}\n"
                + "streams:\n\(streams)",
            file: "w.yaml"
        )
    }

    private func read(_ directory: TemporaryDirectory) throws -> [String: LabelHistory] {
        try HistoryReader(HistoryPlace(besideJournal: directory.path + "/e.sqlite"))
            .read("door", since: UTCTime(microseconds: 0))
    }

    /// Every decision of the stream is in the history when the daemon has stopped.
    @Test func everyDecisionIsKept() async throws {
        let directory = try TemporaryDirectory()
        let daemon = try TinyDaemon(try configuration(directory))
        try daemon.pipeline.start()
        let stream = try #require(daemon.pipeline.current.first).stream
        try await eventually("decisions") { stream.statistics.decisions > 20 }
        let began = WallClock.now
        daemon.pipeline.stop()
        let histories = try read(directory)
        #expect(Set(histories.values.map(\.name)) == ["a", "b"] && histories.count == 2)
        for history in histories.values {
            let samples = history.stretches.joined()
            #expect(samples.count == stream.statistics.decisions)
            #expect(samples.allSatisfy { abs($0.lead) < 60 && $0.time < began + .seconds(600) })
            // A window of 0.4 s in as many ticks as the tiny model has frames.
            #expect(abs(history.interval.seconds * Double(daemon.pipeline.model.configuration.frames) - 0.4) < 1e-6)
        }
        #expect(daemon.pipeline.scores?.status == ScoreKeeper.Status())
    }

    /// A reload that changes a text begins that label anew; a new threshold does not.
    @Test func onlyAChangedLabelBeginsAnew() async throws {
        let directory = try TemporaryDirectory()
        let daemon = try TinyDaemon(try configuration(directory))
        try daemon.pipeline.start()
        let first = try #require(daemon.pipeline.current.first).stream
        try await eventually("decisions") { first.statistics.decisions > 5 }
        let changed = TinyDaemon.door.replacing("[a, b]", with: "[{text: a, threshold: 0.9}, c]")
        _ = try daemon.pipeline.reload(try configuration(directory, changed).streams)
        let second = try #require(daemon.pipeline.current.first).stream
        try await eventually("more decisions") { second.statistics.decisions > 5 }
        daemon.pipeline.stop()
        let counts = Dictionary(
            uniqueKeysWithValues: try read(directory).values.map { ($0.name, $0.stretches.joined().count) }
        )
        #expect(
            counts == [
                "a": first.statistics.decisions + second.statistics.decisions, "b": first.statistics.decisions,
                "c": second.statistics.decisions,
            ]
        )
    }

    /// A disk that refuses is reported once and counted, and recognition goes on.
    @Test func whatCannotBeKeptIsCounted() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "e.sqlite-scores")
        let daemon = try TinyDaemon(try configuration(directory))
        try daemon.pipeline.start()
        let stream = try #require(daemon.pipeline.current.first).stream
        try await eventually("decisions") { stream.statistics.decisions > 5 }
        daemon.pipeline.stop()
        let status = try #require(daemon.pipeline.scores).status
        #expect(status.lost == stream.statistics.decisions)
        #expect(status.reason?.contains("e.sqlite-scores") == true)
    }

    /// A ring that is full counts what it loses, and its stream leaves.
    @Test func whatALeavingStreamLostStaysCounted() throws {
        let directory = try TemporaryDirectory()
        let keeper = ScoreKeeper(HistoryPlace(besideJournal: directory.path + "/e.sqlite"), keep: .seconds(60))
        let ring = DecisionRing(labels: 1)
        for second in 0..<1030 { ring.append(.seconds(second), [0.5]) }
        let lost = ring.lost
        #expect(lost > 0)
        let labels = HistoryLabels(labels: [], interval: .seconds(1))
        let source = ScoreKeeper.Source(name: "door", ring: ring, labels: labels, temperature: 1)
        keeper.setSources([source])
        #expect(keeper.status.lost == lost)
        // It stays at a reload that changes another stream.
        keeper.setSources([source])
        keeper.setSources([])
        #expect(keeper.status.lost == lost)
    }

    /// What the history shows of a label is known when the daemon starts, and at a reload by which its threshold is learned.
    @Test func aLearnedThresholdGoesOnAfterARestart() async throws {
        let directory = try TemporaryDirectory()
        let before = try TinyDaemon(try configuration(directory))
        try before.pipeline.start()
        let stream = try #require(before.pipeline.current.first).stream
        try await eventually("decisions") { stream.statistics.decisions > 5 }
        #expect(stream.statistics.learned.allSatisfy { $0 == nil })
        before.pipeline.stop()
        let key = try #require(try read(directory).first { $0.value.name == "a" }).key

        // An hour at a lead of 4, which the threshold of 0.6 takes for one event.
        let history = StreamHistory(
            HistoryPlace(besideJournal: directory.path + "/e.sqlite"),
            stream: "door"
        ) { _ in }
        let label = HistoryLabel(name: "a", key: key, minDuration: .seconds(1))
        try history.begin(HistoryLabels(labels: [label], interval: .seconds(1)))
        let start = WallClock.now - .seconds(7200)
        try history.add((0..<3600).map { ScoredDecision(time: start + .seconds($0), leads: [4]) })
        try history.finish()

        let learned = TinyDaemon.door.replacing("[a, b]", with: "[{text: a, threshold: auto}, b]")
        let after = try TinyDaemon(try configuration(directory, learned))
        let readings = try #require(after.pipeline.current.first).stream.statistics.learned
        let reading = try #require(readings[0])
        #expect(readings.count == 2 && readings[1] == nil)
        #expect(abs(try #require(reading.quiet) - 4) < 0.2 && reading.threshold > 0.99)
        #expect(after.status.streams.first?.text.contains(#""auto":{"quiet_lead":4"#) == true)

        // A stream that runs with the plain number takes it up, too.
        let running = try TinyDaemon(try configuration(directory))
        try running.pipeline.start()
        #expect(try running.pipeline.reload(try configuration(directory, learned).streams) == "rules changed: door")
        let same = try #require(running.pipeline.current.first).stream
        try await eventually("what is known") { same.statistics.learned[0]?.quiet != nil }
        running.pipeline.stop()
    }

    @Test func withoutAJournalNothingIsKept() throws {
        let daemon = try TinyDaemon(try TinyDaemon.configuration(TinyDaemon.door))
        #expect(daemon.pipeline.scores == nil && daemon.pipeline.current.first?.stream.decisions == nil)
    }
}
