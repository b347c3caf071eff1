import Foundation
import Testing
import Text

@testable import Settings
@testable import System

/// The schedule alone: whether moments are active. Moments are in UTC; comments show the local time.
@Suite struct ActiveHoursTests {
    private func span(
        _ from: String,
        _ to: String,
        _ days: [Weekday] = Weekday.allCases,
        zone: String = "UTC"
    ) throws -> ActiveHours {
        var span = ActiveHours.Span()
        span.from = try #require(DayTime(from))
        span.to = try #require(DayTime(to))
        span.days = Set(days)
        span.timeZone = TimeZone(identifier: zone)
        try #require(span.timeZone != nil)
        return ActiveHours([span])
    }

    private func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    /// 2026-11-23 is a Monday.
    @Test(arguments: [
        ("2026-11-23T06:59:59Z", false), ("2026-11-23T07:00:00Z", true), ("2026-11-23T19:29:59Z", true),
        ("2026-11-23T19:30:00Z", false), ("2026-11-24T12:00:00Z", false), ("2026-11-27T12:00:00Z", true),
    ])
    func aSpanWithinADay(moment: String, isActive: Bool) throws {
        #expect(try span("07:00", "19:30", [.mon, .fri]).contains(date(moment)) == isActive)
    }

    /// From Friday evening until Saturday morning.
    @Test(arguments: [
        ("2026-11-27T21:59:00Z", false), ("2026-11-27T22:00:00Z", true), ("2026-11-28T00:00:00Z", true),
        ("2026-11-28T05:59:59Z", true), ("2026-11-28T06:00:00Z", false), ("2026-11-28T22:00:00Z", false),
        ("2026-11-27T03:00:00Z", false),
    ])
    func aSpanOverMidnightBelongsToTheDayItBeginsOn(moment: String, isActive: Bool) throws {
        #expect(try span("22:00", "06:00", [.fri]).contains(date(moment)) == isActive)
    }

    /// The night of Sunday ends on a Monday.
    @Test func theWeekGoesRound() throws {
        let hours = try span("22:00", "06:00", [.sun])
        #expect(try hours.contains(date("2026-11-29T23:00:00Z")))
        #expect(try hours.contains(date("2026-11-30T05:00:00Z")))
        #expect(try !hours.contains(date("2026-11-29T05:00:00Z")))
    }

    @Test(arguments: [
        // 22:59 and 23:00 in Berlin, a day ahead of UTC's evening in Auckland: 11:59 and 12:00 of Tuesday.
        ("Europe/Berlin", "23:00", "24:00", Weekday.mon, "2026-11-23T21:59:00Z", "2026-11-23T22:00:00Z"),
        ("Pacific/Auckland", "12:00", "13:00", Weekday.tue, "2026-11-23T22:59:00Z", "2026-11-23T23:00:00Z"),
        ("America/St_Johns", "20:00", "21:00", Weekday.mon, "2026-11-23T23:29:00Z", "2026-11-23T23:30:00Z"),
    ])
    func theZonesOwnClockCounts(
        zone: String,
        from: String,
        to: String,
        day: Weekday,
        before: String,
        start: String
    ) throws {
        let hours = try span(from, to, [day], zone: zone)
        #expect(try !hours.contains(date(before)))
        #expect(try hours.contains(date(start)))
    }

    /// In Berlin, clocks skip 02:00 to 03:00 on 2026-03-29 and repeat it on 2026-10-25; 07:00 stays 07:00.
    @Test func summerTimeMovesNothing() throws {
        let morning = try span("07:00", "08:00", zone: "Europe/Berlin")
        #expect(try morning.contains(date("2026-03-28T06:00:00Z")))
        #expect(try !morning.contains(date("2026-03-29T06:30:00Z")))
        #expect(try morning.contains(date("2026-03-29T05:00:00Z")))

        let missing = try span("02:15", "02:45", zone: "Europe/Berlin")
        for minute in 0..<60 {
            let moment = try date("2026-03-29T00:30:00Z").addingTimeInterval(Double(minute) * 60)
            #expect(!missing.contains(moment))
        }
        // The span contains the skipped hour: 01:30 to 03:30 lasts one hour.
        let across = try span("01:30", "03:30", zone: "Europe/Berlin")
        let minutes = try (0..<300).filter {
            across.contains(try date("2026-03-28T23:00:00Z").addingTimeInterval(Double($0) * 60))
        }
        #expect(minutes.count == 60)

        #expect(try missing.contains(date("2026-10-25T00:30:00Z")))
        #expect(try !missing.contains(date("2026-10-25T01:00:00Z")))
        #expect(try missing.contains(date("2026-10-25T01:30:00Z")))
    }

    @Test func anySpanOfSeveralWillDo() throws {
        let hours = ActiveHours(try span("06:00", "08:00").spans + span("20:00", "22:00").spans)
        #expect(try hours.contains(date("2026-11-23T07:00:00Z")))
        #expect(try hours.contains(date("2026-11-23T21:00:00Z")))
        #expect(try !hours.contains(date("2026-11-23T12:00:00Z")))
        #expect(try ActiveHours.always.contains(date("2026-11-23T12:00:00Z")))
    }

    @Test(arguments: [
        ("07:00", 420), ("7:00", 420), ("00:00", 0), ("23:59", 1439), ("24:00", 1440), ("24:01", nil), ("25:00", nil),
        ("7", nil), ("07:60", nil), ("07:0", nil), ("007:00", nil), (":00", nil), ("07:00:00", nil), ("-7:00", nil),
        ("7.5:00", nil), ("٠٧:00", nil), ("", nil),
    ])
    func timesOfDay(text: String, minutes: Int?) {
        #expect(DayTime(text)?.minutes == minutes)
    }

    @Test func daysFollowOneAnother() {
        #expect((1...7).compactMap(Weekday.init(calendarNumber:)) == [.sun, .mon, .tue, .wed, .thu, .fri, .sat])
        #expect(Weekday.mon.before == .sun)
        #expect(Weekday.sun.before == .sat)
        #expect(Weekday(calendarNumber: 0) == nil)
    }
}
