import Text

/// Where the history lies: a directory beside the journal, with a folder for each stream, with segment files.
///
/// `recent-HOUR` has the decisions of an hour, `minutes-DAY` the minutes of a day, both counted from 1970-01-01 in UTC. Whole
/// files are removed when they are too old, so nothing is ever rewritten.
package struct HistoryPlace: Sendable, Equatable {
    enum Kind: String, CaseIterable {
        case recent, minutes

        /// The time that a file spans.
        var span: Duration { self == .recent ? .seconds(3600) : .seconds(86_400) }

        /// The numbers of 10,000 years before and after 1970. The times of others do not fit `UTCTime`, or are of no clock.
        var numbers: ClosedRange<Int64> {
            let last = Int64(Duration.seconds(86_400) * 3_652_425 / span)
            return -last...last
        }
    }

    package let directory: String

    package init(directory: String) { self.directory = directory }

    /// The history of the daemon that keeps this journal.
    package init(besideJournal path: String) { directory = path + "-scores" }

    func folder(of stream: String) -> String { directory + "/" + stream }

    static func number(_ kind: Kind, at time: UTCTime) -> Int64 {
        let span = Int64(kind.span / .microseconds(1))
        let (quotient, remainder) = time.microseconds.quotientAndRemainder(dividingBy: span)
        return remainder < 0 ? quotient - 1 : quotient
    }

    static func name(_ kind: Kind, _ number: Int64) -> String { "\(kind.rawValue)-\(number)" }

    /// Kind and number of a file's name; nil for any other file.
    static func parse(_ name: String) -> (kind: Kind, number: Int64)? {
        let parts = name.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), let number = Int64(parts[1]),
            String(number) == parts[1], kind.numbers.contains(number)
        else { return nil }
        return (kind, number)
    }

    /// When a file's span begins.
    static func start(_ kind: Kind, _ number: Int64) -> UTCTime {
        UTCTime(microseconds: number * Int64(kind.span / .microseconds(1)))
    }
}
