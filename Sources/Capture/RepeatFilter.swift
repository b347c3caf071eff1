/// Lets a repeated line through at most once a second, with the number of those kept back. Pure: it is told the time.
struct RepeatFilter: Sendable {
    struct Line: Sendable, Equatable {
        var level: LibAVLog.Level
        var text: String
    }

    private struct Entry {
        var line: Line
        /// When the line was last let through, in seconds.
        var shown: Double
        var keptBack = 0

        /// What is due for the lines kept back.
        var summary: Line? {
            keptBack > 0 ? Line(level: line.level, text: "\(line.text) (\(keptBack) more)") : nil
        }
    }

    /// Lines told apart at a time; more of them push the oldest out.
    static let capacity = 32
    /// The oldest first.
    private var entries: [Entry] = []

    /// A line has come at `now` seconds: what is to be written now. Counts of lines that come no more are written with
    /// the next line after their second is over.
    mutating func admit(_ line: Line, now: Double) -> [Line] {
        if let index = entries.firstIndex(where: { $0.line == line }), now - entries[index].shown < 1 {
            entries[index].keptBack += 1
            return []
        }
        var output: [Line] = []
        entries.removeAll { entry in
            guard now - entry.shown >= 1 else { return false }
            if let summary = entry.summary { output.append(summary) }
            return true
        }
        if entries.count == Self.capacity {
            if let summary = entries.removeFirst().summary { output.append(summary) }
        }
        entries.append(Entry(line: line, shown: now))
        return output + [line]
    }
}
