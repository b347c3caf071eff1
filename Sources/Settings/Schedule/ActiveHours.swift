package import Foundation

/// When a stream is watched, by the clock on the wall: any of these spans, or always where there is none.
///
/// A span is told by what local clocks show, so a change to or from summer time moves nothing: what falls into the hour that
/// is left out is left out with it, what falls into the hour that comes twice comes twice.
package struct ActiveHours: Sendable, Equatable {
    /// A stretch of the day on some days of the week.
    package struct Span: Sendable, Equatable {
        package var from = DayTime.midnight
        /// Where this is before `from` the span goes on over midnight; the day it belongs to is the one it begins on.
        package var to = DayTime.endOfDay
        package var days = Set(Weekday.allCases)
        /// Nil for the system's.
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
