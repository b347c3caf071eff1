import Foundation
import System
import Testing
import TestSupport
import Text

@Suite struct UTCTimeTests {
    @Test func writtenAsISO8601() {
        #expect(UTCTime(microseconds: 0).description == "1970-01-01T00:00:00.000Z")
        #expect(UTCTime(microseconds: 1_795_342_503_120_999).description == "2026-11-22T10:15:03.120Z")
        #expect(UTCTime(microseconds: -1).description == "1969-12-31T23:59:59.999Z")
        #expect(UTCTime(microseconds: 951_782_400_000_000).description == "2000-02-29T00:00:00.000Z")
    }

    @Test func agreesWithFoundation() {
        var random = SeededGenerator(seed: 1)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
        for _ in 0..<2000 {
            let seconds = Int64.random(in: -11_000_000_000...100_000_000_000, using: &random)
            let expected = Date(timeIntervalSince1970: Double(seconds)).formatted(style)
            let written = UTCTime(microseconds: seconds * 1_000_000).description
            #expect(written == expected.replacing("Z", with: ".000Z"))
        }
    }

    @Test func movesByDurations() {
        let time = UTCTime(microseconds: 5_000_000)
        #expect(time + .milliseconds(1500) == UTCTime(microseconds: 6_500_000))
        #expect(time - .seconds(7) == UTCTime(microseconds: -2_000_000))
        #expect(time < time + .microseconds(1))
    }
}
