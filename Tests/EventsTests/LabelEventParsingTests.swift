import Events
import Testing
import Text

@Suite struct LabelEventParsingTests {
    @Test(arguments: [0, 1000, 951_782_400_000_000, 1_709_164_800_123_000, 253_402_300_799_999_000, -1000] as [Int64])
    func timesAreReadBack(microseconds: Int64) {
        let time = UTCTime(microseconds: microseconds)
        #expect(UTCTime(iso8601: time.description) == time, "\(time)")
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T10:15:03Z", "2026-13-22T10:15:03.120Z", "2026-11-22T25:15:03.120Z",
        "x026-11-22T10:15:03.120Z", "2026-11-22T10:15:03.120z",
    ])
    func textThatIsNotATimeIsNil(text: String) {
        #expect(UTCTime(iso8601: text) == nil)
    }

    @Test func eventIsReadBackFromItsLine() throws {
        let event = LabelEvent(
            id: "a",
            state: .ended,
            stream: "door",
            label: "fall",
            text: "a person \"falls\"\n",
            score: 0.5,
            topScore: 0.75,
            threshold: 0.6,
            part: .left,
            startTime: UTCTime(microseconds: 1_800_000_000_001_000),
            endTime: UTCTime(microseconds: 1_800_000_002_001_000),
            duration: .milliseconds(2500),
            endReason: .sourceLost,
            windowSeconds: 5,
            model: "tiny",
            confirmed: true,
            time: UTCTime(microseconds: 1_800_000_003_000_000)
        )
        let line = try JSONValue(parsing: FeedRecord.event(event).line(seq: 7).text)
        #expect(LabelEvent(line) == event)
        #expect(LabelEvent(try JSONValue(parsing: #"{"type":"stream"}"#)) == nil)
        #expect(LabelEvent(.null) == nil)
    }
}
