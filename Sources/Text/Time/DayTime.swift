/// A time of day to the minute, as a clock shows it.
package struct DayTime: Sendable, Equatable, Comparable {
    /// Since midnight, 0…1440.
    package let minutes: Int

    package static let midnight = DayTime(minutes: 0)
    package static let endOfDay = DayTime(minutes: 24 * 60)

    package init(minutes: Int) {
        self.minutes = minutes
    }

    /// Reads `07:00`, `7:00` and, as the end of the day, `24:00`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: ":")).contains($0) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 24 * 60
        else { return nil }
        self.init(minutes: hour * 60 + minute)
    }

    package static func < (left: DayTime, right: DayTime) -> Bool { left.minutes < right.minutes }
}

extension DayTime: CustomStringConvertible {
    package var description: String {
        let (hour, minute) = (minutes / 60, minutes % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}

/// A day of the week, by its name in the configuration.
package enum Weekday: String, Sendable, CaseIterable {
    case mon, tue, wed, thu, fri, sat, sun

    /// Foundation counts from 1, Sunday.
    package init?(calendarNumber: Int) {
        guard (1...7).contains(calendarNumber) else { return nil }
        self = Weekday.allCases[(calendarNumber + 5) % 7]
    }

    package var before: Weekday {
        let index = Weekday.allCases.firstIndex(of: self) ?? 0
        return Weekday.allCases[(index + 6) % 7]
    }
}
