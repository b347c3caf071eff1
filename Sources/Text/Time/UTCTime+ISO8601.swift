extension UTCTime: CustomStringConvertible {
    /// ISO 8601 with milliseconds, truncated and not rounded: `2026-11-22T10:15:03.120Z`.
    package var description: String {
        let (days, inDay) = microseconds.flooredDivision(by: 86_400_000_000)
        let (year, month, day) = Self.civilDate(daysSince1970: days)
        let milliseconds = inDay / 1000
        let (hours, inHour) = milliseconds.flooredDivision(by: 3_600_000)
        let (minutes, inMinute) = inHour.flooredDivision(by: 60_000)
        let (seconds, thousandths) = inMinute.flooredDivision(by: 1000)
        let date = "\(year.padded(to: 4))-\(month.padded(to: 2))-\(day.padded(to: 2))"
        let clock = "\(hours.padded(to: 2)):\(minutes.padded(to: 2)):\(seconds.padded(to: 2))"
        return "\(date)T\(clock).\(thousandths.padded(to: 3))Z"
    }

    /// The proleptic Gregorian date of a day.
    ///
    /// Source: Howard Hinnant's `civil_from_days`. Years run from March and lie in eras of 400 years, so that the leap
    /// day is the last day of its year.
    private static func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (daysSince1970 + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

extension UTCTime {
    /// Parses the format of `description`, `2026-11-22T10:15:03.120Z`; nil for any other text.
    package init?(iso8601 text: String) {
        let bytes = Array(text.utf8)
        let template = Array("0000-00-00T00:00:00.000Z".utf8)
        guard bytes.count == template.count,
            zip(bytes, template).allSatisfy({ $1 == UInt8(ascii: "0") ? (0x30...0x39).contains($0) : $0 == $1 })
        else { return nil }
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hours, minutes, seconds) = (number(11..<13), number(14..<16), number(17..<19))
        guard (1...12).contains(month), (1...31).contains(day), hours < 24, minutes < 60, seconds <= 60 else {
            return nil
        }
        let days = Self.daysSince1970(year: year, month: month, day: day)
        let inDay = (hours * 60 + minutes) * 60 + seconds
        self.init(microseconds: ((days * 86_400 + inDay) * 1000 + number(20..<23)) * 1000)
    }

    /// The inverse of `civilDate`. Source: Howard Hinnant's `days_from_civil`.
    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = yearFromMarch.flooredDivision(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    fileprivate func padded(to width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
