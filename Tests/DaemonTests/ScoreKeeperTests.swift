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

    @Test func withoutAJournalNothingIsKept() throws {
        let daemon = try TinyDaemon(try TinyDaemon.configuration(TinyDaemon.door))
        #expect(daemon.pipeline.scores == nil && daemon.pipeline.current.first?.stream.decisions == nil)
    }
}
