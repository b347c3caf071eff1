package import Foundation
package import Text

/// The hours in which a stream is watched, by local clock time: any of these spans, or always if there is none.
///
/// Spans refer to what local clocks show, so summer time does not shift them. A time in the hour that the clocks skip is
/// skipped; a time in the hour that repeats counts twice.
package struct ActiveHours: Sendable, Equatable {
    /// A span of the day on some days of the week.
    package struct Span: Sendable, Equatable {
        package var from = DayTime.midnight
        /// A time before `from` is on the next day. The span belongs to the day on which it begins.
        package var to = DayTime.endOfDay
        package var days = Set(Weekday.allCases)
        /// Nil for the system's time zone.
        package var timeZone: TimeZone?

        package init() {}
    }

    package var spans: [Span] = []

    package static let always = ActiveHours()

    package init(_ spans: [Span] = []) {
        self.spans = spans
    }

    package func contains(_ moment: Date) -> Bool {
        spans.isEmpty || spans.contains { $0.contains(moment) }
    }
}

extension ActiveHours.Span {
    func contains(_ moment: Date) -> Bool {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone ?? .current
        let parts = calendar.dateComponents([.weekday, .hour, .minute], from: moment)
        guard let number = parts.weekday, let day = Weekday(calendarNumber: number), let hour = parts.hour,
            let minute = parts.minute
        else { return false }
        return contains(DayTime(minutes: hour * 60 + minute), on: day)
    }

    private func contains(_ time: DayTime, on day: Weekday) -> Bool {
        if from < to { return days.contains(day) && from <= time && time < to }
        return time >= from && days.contains(day) || time < to && days.contains(day.before)
    }
}

extension ActiveHours: CustomStringConvertible {
    /// `always`, or the spans in words.
    package var description: String {
        spans.isEmpty ? "always" : spans.map(\.description).joined(separator: "; ")
    }
}

extension ActiveHours.Span: CustomStringConvertible {
    /// `07:00 to 19:30 on mon, tue (Europe/Berlin)`
    package var description: String {
        let named = days.count < Weekday.allCases.count
        let days = Weekday.allCases.filter(days.contains).map(\.rawValue).joined(separator: ", ")
        return "\(from) to \(to)" + (named ? " on \(days)" : "") + (timeZone.map { " (\($0.identifier))" } ?? "")
    }
}
