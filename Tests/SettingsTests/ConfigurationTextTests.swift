import Testing

@testable import Settings
@testable import System
@testable import Text

@Suite("Configuration: durations, numbers, spelling")
struct ConfigurationTextTests {
    @Test(
        arguments: [
            ("0s", .zero, "0s"), ("5s", .seconds(5), "5s"), ("500ms", .milliseconds(500), "500ms"),
            ("1.5s", .milliseconds(1500), "1500ms"), ("1m", .seconds(60), "1m"), ("90s", .seconds(90), "90s"),
            ("2h", .seconds(7200), "2h"), ("30d", .seconds(2_592_000), "30d"), ("0.1ms", .microseconds(100), "0.1ms"),
            ("0.25m", .seconds(15), "15s"), ("007s", .seconds(7), "7s"),
        ] as [(String, Duration, String)]
    )
    func durations(text: String, duration: Duration, formatted: String) throws {
        #expect(try DurationText.parse(text) == duration)
        #expect(DurationText.format(duration) == formatted)
    }

    @Test(
        arguments: [
            ("", .malformed), ("s", .malformed), ("5", .noUnit), ("1.5", .noUnit), ("5.s", .malformed),
            (".5s", .malformed),
            ("5 s", .malformed), ("5S", .malformed), ("1.2.3s", .malformed), ("1m30s", .malformed), ("5s ", .malformed),
            ("-1s", .malformed), ("1e3s", .malformed), ("٥s", .malformed), ("0.0000000001s", .malformed),
            ("9223372036854775808s", .tooLong), ("9223372036854775807s", .tooLong),
        ] as [(String, DurationText.Failure)]
    )
    func badDurations(text: String, failure: DurationText.Failure) {
        #expect(throws: failure) { try DurationText.parse(text) }
    }

    @Test(arguments: [("1", 1), (".5", 0.5), ("-2e3", -2000), ("+0.25", 0.25)] as [(String, Double)])
    func numbers(text: String, number: Double) {
        #expect(NumberText.parse(text) == number)
    }

    @Test(arguments: ["", "nan", "inf", "1e400", "-1e400", "0x10", "1_000", "1,5", " 1", "infinity"])
    func badNumbers(text: String) {
        #expect(NumberText.parse(text) == nil)
    }

    @Test func edits() {
        #expect(SpellingSuggestion.edits(from: "window", to: "window") == 0)
        #expect(SpellingSuggestion.edits(from: "windw", to: "window") == 1)
        #expect(SpellingSuggestion.edits(from: "widnow", to: "window") == 1)
        #expect(SpellingSuggestion.edits(from: "", to: "hop") == 3)
        #expect(SpellingSuggestion.edits(from: "hop", to: "") == 3)
        #expect(SpellingSuggestion.nearest(to: "holt", among: ["hop", "hold"]) == "hold")
        #expect(SpellingSuggestion.nearest(to: "journal", among: ["hop", "hold"]) == nil)
        #expect(SpellingSuggestion.nearest(to: String(repeating: "h", count: 100_000), among: ["hop"]) == nil)
    }
}
