import Events
import Foundation
import TestSupport
import Testing
import Text

@testable import ScoreHistory

/// A threshold that is learned goes on after a restart.
@Suite struct LearnedFromHistoryTests {
    private static let rules = EventRules(
        threshold: 0.94,
        release: 0.62,
        minDuration: .seconds(1),
        hold: .seconds(2),
        cooldown: .seconds(3),
        isLearned: true
    )

    /// Three hours at half a second: a scene that breathes about 0.5, and an event of six seconds every five minutes.
    private func lead(_ index: Int) -> Double { index % 600 < 12 ? 7 : sin(Double(index) / 40) * 0.5 + 0.5 }

    private func live(_ decisions: [ScoredDecision]) -> LearnedThreshold {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        var machine = LabelEventMachine(rules: learned.rules)
        for decision in decisions {
            let time = Duration.microseconds(decision.time.microseconds - noon.microseconds)
            let score = Lead.score(ofLead: decision.leads[0], temperature: 1)
            machine.observe(score: score, at: time) { _ in }
            if learned.observe(score: score, isOpen: machine.isOpen, at: time) { machine.replaceRules(learned.rules) }
        }
        return learned
    }

    @Test func aRestartFindsWhatWasLearned() throws {
        let directory = try TemporaryDirectory()
        let place = HistoryPlace(besideJournal: directory.path + "/events.sqlite")
        let written = decisions(21_600, lead)
        let history = StreamHistory(place, stream: "yard") { _ in }
        try history.begin(labels(["a"]))
        try history.add(written)
        try history.finish()
        let read = try #require(try HistoryReader(place).read("yard", since: noon)["a"])
        var restarted = LearnedThreshold(rules: Self.rules, temperature: 1)
        restarted.learn(read, temperature: 1)
        let live = live(written)
        let (before, after) = (live.reading, restarted.reading)
        #expect(abs(Lead.logOdds(ofScore: after.threshold) - Lead.logOdds(ofScore: before.threshold)) < 0.02)
        #expect(abs(try #require(after.quiet) - (try #require(before.quiet))) < 0.02)
        #expect(abs((after.watched - before.watched) / .seconds(1)) < 2)
        #expect(abs(try #require(after.quiet) - 1) < 0.15)
    }

    /// Of older days there are minutes: the level that they give is not lower, and near.
    @Test func minutesGiveTheLevelToo() throws {
        var tally = MinuteTally(labels(["a"]))
        var minutes: [MinuteSummary] = []
        let made = decisions(21_600, lead)
        for decision in made { minutes += tally.add(decision) ?? [] }
        var history = LabelHistory(name: "a", interval: .milliseconds(500))
        history.minutes = minutes
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        learned.learn(history, temperature: 1)
        let quiet = try #require(learned.reading.quiet)
        #expect(abs(quiet - 1) < 0.3, "\(quiet)")
        #expect(learned.reading.threshold > 0.5)
    }

    @Test func nothingIsLearnedFromNothing() {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        learned.learn(LabelHistory(name: "a", interval: .milliseconds(500)), temperature: 1)
        #expect(learned.rules == Self.rules && learned.reading.watched == .zero)
    }
}
