import Events
import Foundation
import System
import TestSupport
import Testing
import Text

@testable import ScoreHistory

/// What is written is read again, after crashes too.
@Suite struct StreamHistoryTests {
    private let directory: TemporaryDirectory
    private let place: HistoryPlace

    init() throws {
        directory = try TemporaryDirectory()
        place = HistoryPlace(besideJournal: directory.path + "/events.sqlite")
    }

    private func history(_ stream: String = "yard", reports: @escaping (String) -> Void = { _ in }) -> StreamHistory {
        StreamHistory(place, stream: stream, report: reports)
    }

    private func read(since: UTCTime = noon - .seconds(86_400 * 30)) throws -> [String: LabelHistory] {
        try HistoryReader(place).read("yard", since: since)
    }

    @Test func everyDecisionIsReadAgain() throws {
        let written = decisions(9000, labels: 2) { sin(Double($0) / 50) * 5 - 3 }
        let history = history()
        try history.begin(labels(["a", "b"]))
        // Over an hour, in pieces as they come.
        for start in stride(from: 0, to: written.count, by: 700) {
            try history.add(Array(written[start..<min(start + 700, written.count)]))
        }
        try history.finish()
        let read = try read()
        #expect(Set(read.keys) == ["a", "b"])
        for (index, key) in ["a", "b"].enumerated() {
            let label = try #require(read[key])
            #expect(label.name == "the \(key)" && label.minutes.isEmpty)
            let samples = try #require(label.stretches.first)
            #expect(label.stretches.count == 1 && samples.count == written.count)
            for (sample, decision) in zip(samples, written) {
                #expect(sample.time == decision.time && abs(sample.lead - decision.leads[index]) <= 1.0 / 1024)
            }
            #expect(label.covered == .seconds(4500))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: place.folder(of: "yard"))
        #expect(names.count == 3, "two hours and a day: \(names)")
    }

    /// NumPy's quantiles of the same ten leads.
    @Test func aMinuteHasItsPeakAndQuantiles() throws {
        let leads = [-5.5, -3.25, 1.5, -4, 0.75, 2.25, -6, -2, -2.5, 0.5]
        var tally = MinuteTally(labels(["a"]))
        for decision in decisions(10, { leads[$0] }) { #expect(tally.add(decision) == nil) }
        let minute = try #require(tally.add(ScoredDecision(time: noon + .seconds(61), leads: [0]))?.first)
        #expect(minute.start == noon && minute.covered == .seconds(5) && minute.peak == 2.25)
        #expect(abs(minute.median - -2.25) < 1e-12 && abs(minute.q80 - 0.9000000000000001) < 1e-12)
        #expect(abs(minute.q95 - 1.9124999999999992) < 1e-12)
        // Three decisions span a second, and the best three in a row are the last: -2, -2.5, 0.5.
        #expect(minute.held == -2.5)
    }

    /// A lead that rises before the full minute and holds counts in the minute in which it has held long enough.
    @Test func whatHeldOverTheMinuteCounts() throws {
        var tally = MinuteTally(labels(["a"], minDuration: .seconds(4)))
        var over: [MinuteSummary] = []
        for decision in decisions(400, { (116...128).contains($0) ? 3 : -5 }) {
            over += tally.add(decision) ?? []
        }
        // Up from 58 s to 64 s: held for 4 s at 62 s.
        #expect(over.map(\.held) == [-5, 3, -5] && over.map(\.peak) == [3, 3, -5])
    }

    @Test func aPauseHoldsNothing() throws {
        var tally = MinuteTally(labels(["a"], minDuration: .seconds(4)))
        for decision in decisions(4, { _ in 3 }) { _ = tally.add(decision) }
        for decision in decisions(4, from: noon + .seconds(20), { _ in 3 }) { _ = tally.add(decision) }
        #expect(try #require(tally.finish()?.first).held == -Lead.limit)
    }

    /// However a crash cuts the file: what was whole before stays, and what follows is read.
    @Test func aTornTailIsCutOffAndTold() throws {
        let first = history()
        try first.begin(labels(["a"]))
        try first.add(decisions(10) { Double($0) })
        try first.add(decisions(5, from: noon + .seconds(5)) { Double($0) })
        let path = place.folder(of: "yard") + "/" + HistoryPlace.name(.recent, HistoryPlace.number(.recent, at: noon))
        let whole = try Data(contentsOf: URL(filePath: path))
        let last = HistoryBlock.decisions(decisions(5, from: noon + .seconds(5)) { Double($0) }).bytes.count
        for cut in 1..<last {
            try whole.dropLast(cut).write(to: URL(filePath: path))
            var lines: [String] = []
            let again = history { lines.append($0) }
            try again.begin(labels(["a"]))
            try again.add(decisions(3, from: noon + .seconds(60)) { Double(-$0) })
            #expect(lines.count == 1 && lines[0].contains(path) && lines[0].contains("\(last - cut) bytes"), "\(lines)")
            let samples = try #require(try read()["a"]).stretches
            #expect(samples.map { $0.map(\.lead) } == [(0..<10).map(Double.init), [0, -1, -2]], "cut by \(cut)")
        }
    }

    /// A label with another text is another label, and comes back with its old text.
    @Test func aChangedLabelBeginsAnew() throws {
        let history = history()
        try history.begin(labels(["old"]))
        try history.add(decisions(4) { _ in 1 })
        try history.begin(labels(["new", "old"]))
        try history.add(decisions(4, labels: 2, from: noon + .seconds(2)) { _ in 2 })
        try history.finish()
        let read = try read()
        #expect(read["old"]?.stretches.joined().map(\.lead) == [1, 1, 1, 1, 3, 3, 3, 3])
        #expect(read["new"]?.stretches.joined().map(\.lead) == [2, 2, 2, 2])
    }

    @Test func aClockThatIsSetBackLosesNothing() throws {
        let history = history()
        try history.begin(labels(["a"]))
        let early = decisions(4, from: noon - .seconds(7200)) { _ in 1 }
        try history.add(decisions(4) { _ in 2 } + early + decisions(4, from: noon + .seconds(2)) { _ in 2 })
        try history.finish()
        let stretches = try #require(try read()["a"]).stretches
        #expect(stretches.map { $0.map(\.lead) } == [[1, 1, 1, 1], [2, 2, 2, 2, 2, 2, 2, 2]])
    }

    /// Of a label that was watched only before, there is no history, though its file is read.
    @Test func whatIsTooOldIsNoHistory() throws {
        let history = history()
        try history.begin(labels(["a"]))
        try history.add(decisions(10) { _ in 1 })
        try history.begin(labels(["b"]))
        try history.add(decisions(10, from: noon + .seconds(900)) { _ in 1 })
        try history.finish()
        #expect(try Set(read().keys) == ["a", "b"])
        let late = try read(since: noon + .seconds(902))
        #expect(Set(late.keys) == ["b"] && late["b"]?.covered == .seconds(3))
        #expect(try read(since: noon + .seconds(1800)).isEmpty)
    }

    /// The minutes are for the days whose decisions are gone.
    @Test func minutesStandForDecisionsThatAreGone() throws {
        let history = history()
        try history.begin(labels(["a"]))
        try history.add(decisions(7200 * 3) { _ in -4 })
        try history.finish()
        let folder = place.folder(of: "yard")
        try FileManager.default.removeItem(
            atPath: folder + "/" + HistoryPlace.name(.recent, HistoryPlace.number(.recent, at: noon))
        )
        let label = try #require(try read()["a"])
        #expect(label.minutes.count == 60 && label.stretches.joined().count == 7200 * 2)
        #expect(label.covered == .seconds(3 * 3600))
        let spared = label.without([noon..<noon + .seconds(600), noon + .seconds(7200)..<noon + .seconds(7300)])
        #expect(spared.minutes.count == 50 && spared.stretches.map(\.count) == [7200, 7000])
    }

    @Test func whatCannotBeWrittenIsAnErrorWithItsPlace() throws {
        try directory.write("", to: "file")
        let history = StreamHistory(HistoryPlace(directory: directory.path + "/file"), stream: "yard") { _ in }
        try history.begin(labels(["a"]))
        let error = #expect(throws: OperationError.self) { try history.add(decisions(1) { _ in 0 }) }
        #expect(error?.message.contains(directory.path + "/file") == true)
        #expect(throws: OperationError.self) { try HistoryReader(place).read("none", since: noon) }
    }

    /// A camera with ten labels takes less than 2 MB a day beyond the first.
    @Test func aDayOfMinutesIsSmall() {
        let minute = (0..<10).map { _ in
            MinuteSummary(start: noon, covered: .seconds(60), peak: 1, held: 0, median: -3, q80: -2, q95: 0)
        }
        #expect(HistoryBlock.minute(minute).bytes.count * 1440 < 2_000_000 / 10)
    }
}
