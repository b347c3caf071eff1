import Text

/// The clock of a device, which may be hours off: cameras forget the time with their power.
enum DeviceClock {
    /// The device's UTC time; nil if it does not say or it is none.
    ///
    /// - Parameter response: of `GetSystemDateAndTime`.
    static func time(_ response: XMLElement) -> UTCTime? {
        guard let utc = response.element("SystemDateAndTime", "UTCDateTime") else { return nil }
        func number(_ group: String, _ name: String, _ range: ClosedRange<Int>) -> Int? {
            utc.element(group, name).flatMap { Int($0.text) }.flatMap { range.contains($0) ? $0 : nil }
        }
        guard let year = number("Date", "Year", 1970...9999), let month = number("Date", "Month", 1...12),
            let day = number("Date", "Day", 1...31), let hour = number("Time", "Hour", 0...23),
            let minute = number("Time", "Minute", 0...59), let second = number("Time", "Second", 0...60)
        else { return nil }
        func padded(_ value: Int, _ width: Int = 2) -> String {
            String(repeating: "0", count: max(0, width - "\(value)".count)) + "\(value)"
        }
        return UTCTime(
            iso8601:
                "\(padded(year, 4))-\(padded(month))-\(padded(day))T\(padded(hour)):\(padded(minute)):\(padded(second)).000Z"
        )
    }
}
