/// Passes a repeated line at most once a second, with the number of repeats suppressed. Pure: the caller supplies the
/// time.
struct RepeatFilter: Sendable {
    struct Line: Sendable, Equatable {
        var level: LibAVLog.Level
        var text: String
    }

    private struct Entry {
        var line: Line
        /// When the line last passed, in seconds.
        var shown: Double
        var keptBack = 0

        /// The line that reports the suppressed repeats; nil if there were none.
        var summary: Line? {
            keptBack > 0 ? Line(level: line.level, text: "\(line.text) (\(keptBack) more)") : nil
        }
    }

    /// The number of distinct lines tracked at a time. A further line pushes out the oldest.
    static let capacity = 32
    /// Oldest first.
    private var entries: [Entry] = []

    /// Takes a line and returns the lines to write now.
    ///
    /// The count of a line that has stopped is returned with the next line after its second is over.
    ///
    /// - Parameters:
    ///   - line: the line that arrived.
    ///   - now: the current time in seconds.
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
