import Events
import Testing
import Text

@testable import ScoreHistory
@testable import Tuning

/// What the history says of a label, and of one moment.
@Suite struct HistoryStandingTests {
    private static let rules = EventRules(
        threshold: 0.94,
        release: 0.62,
        minDuration: .seconds(1),
        hold: .seconds(2),
        cooldown: .seconds(30)
    )
    private static let start = UTCTime(microseconds: 1_000_000_000_000)

    /// Decisions of a second each.
    private func history(_ leads: [Double]) -> LabelHistory {
        var history = LabelHistory(name: "car", interval: .seconds(1))
        history.stretches = [leads.enumerated().map { (time: Self.start + .seconds($0), lead: $1) }]
        return history
    }

    /// An hour at `quiet`, with `peak` for ten seconds of every ten minutes.
    private func hour(quiet: Double, peak: Double, of seconds: Int = 10) -> LabelHistory {
        history((0..<3600).map { $0 % 600 >= 300 && $0 % 600 < 300 + seconds ? peak : quiet })
    }

    private func standing(_ history: LabelHistory) -> LabelStanding {
        LabelStanding(history, rules: Self.rules, temperature: 1)
    }

    @Test func eventsThatStandOutAreFine() throws {
        let standing = standing(hour(quiet: -2, peak: 5))
        #expect(standing.verdict == .fine && standing.rate.events == 6 && standing.peak == 5)
        #expect(abs(try #require(standing.quiet) + 2) < 0.2 && standing.quietTop == -2)
        #expect(abs(standing.watched / .seconds(1) - 3600) < 1)
        // 6 × 12 seconds: each ends after the hold.
        #expect(abs(standing.open - 72.0 / 3600) < 0.002)
    }

    @Test func eventsThatHardlyStandOutAreDoubtful() {
        var rules = Self.rules
        rules.release = 0.9
        let standing = LabelStanding(hour(quiet: 2, peak: 3), rules: rules, temperature: 1)
        #expect(standing.verdict == .doubtful && standing.rate.events == 6)
    }

    @Test func aQuietSceneAboveTheThresholdIsUseless() {
        #expect(standing(hour(quiet: 4, peak: 5)).verdict == .useless)
    }

    @Test func aLabelThatIsOftenOpenIsOfTheScene() {
        #expect(standing(hour(quiet: -2, peak: 5, of: 290)).verdict == .constant)
    }

    @Test func withoutAnEventItIsSilent() {
        let standing = standing(hour(quiet: -2, peak: 1))
        #expect(standing.verdict == .silent && standing.quietTop == 1 && standing.peak == nil)
    }

    /// Of a camera that is lost after each event and comes back, events without a pause of half an hour are one passage, as they
    /// are of one that stays.
    @Test func passagesReachOverStretches() {
        let minute = { (start: UTCTime) in
            (0..<60).map { (time: start + .seconds($0), lead: (30..<35).contains($0) ? 5.0 : -3.0) }
        }
        var history = LabelHistory(name: "car", interval: .seconds(1))
        history.stretches = [0, 120, 240, 4200].map { minute(Self.start + .seconds($0)) }
        history.minutes = [
            MinuteSummary(
                start: Self.start - .seconds(600),
                covered: .seconds(60),
                peak: 5,
                held: 5,
                median: -3,
                q80: -2,
                q95: -1
            )
        ]
        #expect(standing(history).rate.passages == [4, 1])
        var footage = QuietFootage()
        footage.add(history)
        #expect(ThresholdCalibration(footage, rules: Self.rules, temperature: 1).present.rate.passages == [4, 1])
        // Recordings have no time of day.
        var recorded = QuietFootage()
        for video in ["a.mp4", "b.mp4"] {
            let trace = minute(Self.start).enumerated().map { (time: Duration.seconds($0), lead: $1.lead) }
            recorded.add(trace: trace, of: video, seconds: 60)
        }
        #expect(ThresholdCalibration(recorded, rules: Self.rules, temperature: 1).present.rate.passages == [1, 1])
    }

    private func report(_ calibration: ThresholdCalibration) -> CalibrationReport {
        var report = CalibrationReport(
            stream: "yard",
            window: .seconds(4),
            reuse: "cached",
            temperature: 1,
            falsePerDay: 1,
            recordings: 0,
            seconds: 3600,
            historySeconds: 3600
        )
        report.add("car", calibration)
        return report
    }

    /// `threshold: auto` is what it came to: its events, and whether it must be raised, are those of that threshold. The number
    /// that it begins at has none here.
    @Test func aLearnedThresholdIsCalibratedAsItWasLearned() throws {
        var rules = Self.rules
        rules.isLearned = true
        let history = hour(quiet: -3, peak: 2.2)
        var footage = QuietFootage()
        footage.add(history)
        var learned = LearnedThreshold(rules: rules, temperature: 1)
        learned.learn(history, temperature: 1)
        let calibration = ThresholdCalibration(footage, rules: rules, learned: learned, temperature: 1)
        #expect(calibration.present.rate.events == 6 && calibration.counted.count == 6)
        #expect(calibration.present.threshold == learned.rules.threshold)
        let proposal = calibration.proposal(perDay: 1)
        #expect(proposal.basis == .estimated && (proposal.trial?.lead ?? 0) > 2.2)
        #expect(ThresholdCalibration(footage, rules: rules, temperature: 1).present.rate.events == 0)

        let report = report(calibration)
        #expect(report.changes.count == 1)
        let row = try #require(report.text.split(separator: "\n").first { $0.hasSuffix("  car") })
        #expect(row.split(separator: " ").prefix(4) == ["#", "auto", "1.50", "6"], "\(row)")
        // The floor of 0 and the margin of 1.5 are a score of 0.8176.
        #expect(report.text.contains("car: auto is 0.8176 after this footage"), "\(report.text)")
        #expect(report.text.contains("car: a number takes the place of `auto`"), "\(report.text)")
        let label = try JSONValue(parsing: report.json)["labels"]?["car"]
        #expect(label?["present"]?["threshold"]?.number == 0.8176 && label?["auto"]?["quiet_lead"]?.number != nil)
    }

    /// Ten days without an event show 0.5, which is what the file has as a number, or what its `auto` begins at.
    @Test func theNumberThatAutoBeginsAtIsAChange() {
        var rules = Self.rules
        (rules.threshold, rules.release) = (0.5, 0.25)
        var footage = QuietFootage()
        footage.add(minutes: [], seconds: 864_000)
        let plain = report(ThresholdCalibration(footage, rules: rules, temperature: 1))
        #expect(plain.changes.isEmpty && !plain.text.contains("auto"))
        rules.isLearned = true
        let learned = LearnedThreshold(rules: rules, temperature: 1)
        let auto = report(ThresholdCalibration(footage, rules: rules, learned: learned, temperature: 1))
        #expect(auto.changes.map(\.threshold) == [0.5])
        #expect(auto.text.contains("car: auto is 0.5, with which it begins"), "\(auto.text)")
    }

    private func review(
        _ leads: [Double],
        at second: Int,
        around: Int = 10,
        _ rules: EventRules = HistoryStandingTests.rules
    ) -> DecisionReview {
        let middle = Self.start + .seconds(second)
        return DecisionReview(
            middle - .seconds(around)..<middle + .seconds(around),
            of: history(leads),
            rules: rules,
            temperature: 1
        )
    }

    private func leads(_ count: Int, _ high: [Range<Int>: Double]) -> [Double] {
        (0..<count).map { second in high.first { $0.key.contains(second) }?.value ?? -3 }
    }

    @Test func anEventIsFoundWithItsTimes() {
        let review = review(leads(100, [50..<55: 5]), at: 50)
        guard case .event(let start, let end, let top) = review.finding else {
            Issue.record("\(review.finding)")
            return
        }
        // Below the release from second 55 on, for the hold of two.
        #expect(start == Self.start + .seconds(50) && end == Self.start + .seconds(57))
        #expect(abs(top - Lead.score(ofLead: 5, temperature: 1)) < 1e-9)
        #expect(review.samples.count == 20)
    }

    /// An event in the middle of which the source is gone for `pause` seconds after its tenth: what the review of both stretches
    /// finds.
    private func finding(withPauseOf pause: Int) -> DecisionReview.Finding {
        let quiet = [Double](repeating: -3, count: 30)
        var history = history(quiet + [Double](repeating: 5, count: 10))
        let back = history.stretches[0].count - 1 + pause
        history.stretches += [
            ([Double](repeating: 5, count: 10) + quiet).enumerated().map {
                (time: Self.start + .seconds(back + $0), lead: $1)
            }
        ]
        return DecisionReview(
            Self.start + .seconds(32)..<Self.start + .seconds(36),
            of: history,
            rules: Self.rules,
            temperature: 1
        ).finding
    }

    /// The daemon ends an event when its source has been gone for ten seconds, and an interval.
    @Test func aLostSourceEndsItsEvent() {
        let top = Lead.score(ofLead: 5, temperature: 1)
        let started = Self.start + .seconds(30)
        #expect(finding(withPauseOf: 12) == .event(start: started, end: Self.start + .seconds(39), top: top))
        #expect(finding(withPauseOf: 3600) == .event(start: started, end: Self.start + .seconds(39), top: top))
        // The ten after the pause, and the hold of two.
        #expect(finding(withPauseOf: 11) == .event(start: started, end: Self.start + .seconds(39 + 11 + 12), top: top))
    }

    @Test func whatHeldAnEventBackIsSaid() {
        let short = review(leads(100, [50..<55: 2]), at: 50)
        #expect(short.finding == .short(top: 2, at: Self.start + .seconds(50), by: short.threshold - 2))
        #expect(
            review(leads(100, [50..<51: 5]), at: 50).finding
                == .brief(top: 5, at: Self.start + .seconds(50), held: .zero)
        )
        // Ended at 37, and back at 50: 13 seconds later, within the cooldown of 30, and gone before it is over.
        #expect(
            review(leads(100, [30..<35: 5, 50..<55: 4]), at: 52, around: 5).finding
                == .cooldown(top: 4, at: Self.start + .seconds(51), after: .seconds(13))
        )
        #expect(review(leads(100, [:]), at: 5000).finding == .unwatched)
    }

    /// Quiet minutes but for the third, of which a peak held.
    @Test(arguments: [(5, -3.0, -3.0), (60, -3, -3), (110, 4, 2), (125, 4, 2), (150, 4, 2), (175, 4, 2), (190, -3, -3)])
    func ofOldDaysTheMinutesAreKept(second: Int, peak: Double, held: Double) {
        var old = LabelHistory(name: "car", interval: .seconds(1))
        old.minutes = (0..<5).map { minute in
            MinuteSummary(
                start: Self.start + .seconds(60 * minute),
                covered: .seconds(60),
                peak: minute == 2 ? 4 : -3,
                held: minute == 2 ? 2 : -3,
                median: -3,
                q80: -3,
                q95: -3
            )
        }
        let moment = Self.start + .seconds(second)
        let review = DecisionReview(
            moment - .seconds(10)..<moment + .seconds(15),
            of: old,
            rules: Self.rules,
            temperature: 1
        )
        #expect(review.finding == .minutes(peak: peak, held: held))
    }

    /// The threshold of the time is that which was learned until then.
    @Test func aLearnedThresholdIsThatOfTheTime() {
        var rules = Self.rules
        rules.isLearned = true
        let quiet = [Double](repeating: -3, count: 7200)
        let review = review(quiet + leads(100, [50..<55: 2.2]), at: 7250, rules)
        // Below 2.75, which the rules say: it has come down to the margin above the floor.
        #expect(abs(review.threshold - (LearnedThreshold.floor + LearnedThreshold.margin)) < 0.15)
        guard case .event = review.finding else {
            Issue.record("\(review.finding)")
            return
        }
    }
}
