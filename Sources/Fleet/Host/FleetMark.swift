import Text

/// How far a receiver of the fleet's deliveries has the records, as the engine keeps it.
package struct FleetMark: Sendable, Equatable {
    /// The numbering that `seq` belongs to.
    package var feedID: String
    /// The receiver has every record up to this one.
    package var seq: UInt64

    package init(feedID: String, seq: UInt64) {
        self.feedID = feedID
        self.seq = seq
    }

    init?(parsing bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let feedID = value["feed_id"]?.string,
            let seq = value["seq"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        self.init(feedID: feedID, seq: seq)
    }

    var line: JSONLine {
        var line = JSONLine()
        line.add("feed_id", feedID)
        line.add("seq", seq)
        return line
    }
}

/// The marks of all receivers: those that the engine has, and those that this host is to write. Pure.
///
/// A mark is written only over the one that was seen last. A host that hung, and woke after another had taken the deliveries
/// over, so sets none back.
struct MarkLedger {
    private struct Entry {
        /// Nil for one that was removed.
        var mark: FleetMark?
        var revision: UInt64
    }

    /// How often a mark is written at most.
    private static let pause = Duration.seconds(1)

    private var known: [String: Entry] = [:]
    /// What is to be written; nil for a removal.
    private var wanted: [String: FleetMark?] = [:]
    private var underWay: [String: FleetMark?] = [:]
    private var restingUntil: [String: Duration] = [:]

    var marks: [String: FleetMark] { known.compactMapValues(\.mark) }
    /// Whether all is written.
    var isIdle: Bool { wanted.isEmpty && underWay.isEmpty }

    mutating func want(_ mark: FleetMark?, of receiver: String) { wanted[receiver] = .some(mark) }

    /// The engine lost the marks. What was seen holds until it shows others.
    mutating func forgetRevisions() { known = known.mapValues { Entry(mark: $0.mark, revision: 0) } }

    /// Another host delivers from now on, so that its marks hold.
    mutating func drop() { (wanted, underWay) = ([:], [:]) }

    /// The watch shows an entry.
    mutating func saw(_ receiver: String, _ mark: FleetMark?, revision: UInt64) {
        guard known[receiver].map({ $0.revision < revision }) ?? true else { return }
        known[receiver] = Entry(mark: mark, revision: revision)
    }

    /// What is to be written now, each over the revision that was seen last.
    mutating func due(at now: Duration) -> [(receiver: String, mark: FleetMark?, after: UInt64)] {
        var due: [(receiver: String, mark: FleetMark?, after: UInt64)] = []
        for (receiver, mark) in wanted.sorted(by: { $0.key < $1.key })
        where underWay[receiver] == nil && restingUntil[receiver].map({ $0 <= now }) ?? true {
            wanted[receiver] = nil
            guard mark != known[receiver]?.mark else { continue }
            underWay[receiver] = .some(mark)
            restingUntil[receiver] = now + Self.pause
            due.append((receiver, mark, known[receiver]?.revision ?? 0))
        }
        return due
    }

    /// What became of a writing.
    mutating func wrote(_ receiver: String, _ outcome: PublishOutcome) {
        guard let mark = underWay.removeValue(forKey: receiver) else { return }
        if case .stored(let revision) = outcome {
            saw(receiver, mark, revision: revision)
        } else if wanted[receiver] == nil {
            // A newer one takes its place.
            wanted[receiver] = .some(mark)
        }
    }

    /// The connection was lost: nothing under way will be answered.
    mutating func interrupt() {
        for receiver in underWay.keys { wrote(receiver, .unknown("the connection was lost")) }
    }
}
