import Glibc
import System
package import Text

/// Writes one stream's history. Used on one thread.
package final class StreamHistory {
    private let place: HistoryPlace
    private let stream: String
    private let report: (String) -> Void
    private var labels: HistoryLabels?
    private var tally: MinuteTally?
    /// The file in use of each kind. Its `labels` block is that of `labels`.
    private var recent: OpenSegment?
    private var minutes: OpenSegment?

    private final class OpenSegment {
        let number: Int64
        var file: SegmentFile

        init(_ number: Int64, _ file: consuming SegmentFile) {
            self.number = number
            self.file = file
        }
    }

    /// - Parameters:
    ///   - place: where the histories of all streams lie.
    ///   - stream: the stream's name, which is safe as a file's name.
    ///   - report: takes a message for the operator.
    package init(_ place: HistoryPlace, stream: String, report: @escaping (String) -> Void) {
        self.place = place
        self.stream = stream
        self.report = report
    }

    /// The decisions that follow are of these labels.
    ///
    /// - Throws: `OperationError` if the minute under way cannot be written.
    package func begin(_ labels: HistoryLabels) throws(OperationError) {
        defer {
            self.labels = labels
            tally = MinuteTally(labels)
            (recent, minutes) = (nil, nil)
        }
        try finish()
    }

    /// Adds decisions, in time order.
    ///
    /// - Throws: `OperationError` with the first failure. What could not be written is lost; the rest is kept.
    package func add(_ decisions: [ScoredDecision]) throws(OperationError) {
        precondition(labels != nil || decisions.isEmpty, "decisions of no labels")
        var failure: OperationError?
        var rest = decisions[...]
        while let first = rest.first {
            let number = HistoryPlace.number(.recent, at: first.time)
            // A clock that is set back begins a block of its own, whose times count from its first.
            var last = first.time
            let together = rest.prefix { decision in
                defer { last = decision.time }
                return decision.time >= last && HistoryPlace.number(.recent, at: decision.time) == number
            }
            rest = rest.dropFirst(together.count)
            do throws(OperationError) {
                try append(.decisions(Array(together)), to: \.recent, .recent, number)
            } catch {
                recent = nil
                failure = failure ?? error
            }
        }
        for decision in decisions {
            guard let over = tally?.add(decision) else { continue }
            do throws(OperationError) { try write(over) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// Writes the minute under way: no more decisions follow.
    package func finish() throws(OperationError) {
        if let over = tally?.finish() { try write(over) }
    }

    private func write(_ minute: [MinuteSummary]) throws(OperationError) {
        guard let start = minute.first?.start else { return }
        do throws(OperationError) {
            try append(.minute(minute), to: \.minutes, .minutes, HistoryPlace.number(.minutes, at: start))
        } catch {
            minutes = nil
            throw error
        }
    }

    private func append(
        _ block: HistoryBlock,
        to segment: ReferenceWritableKeyPath<StreamHistory, OpenSegment?>,
        _ kind: HistoryPlace.Kind,
        _ number: Int64
    ) throws(OperationError) {
        if self[keyPath: segment]?.number != number { self[keyPath: segment] = try open(kind, number) }
        try self[keyPath: segment]?.file.append(block)
    }

    private func open(_ kind: HistoryPlace.Kind, _ number: Int64) throws(OperationError) -> OpenSegment {
        try Self.makeFolder(place.directory)
        try Self.makeFolder(place.folder(of: stream))
        let path = place.folder(of: stream) + "/" + HistoryPlace.name(kind, number)
        let segment = OpenSegment(number, try SegmentFile(path: path))
        if segment.file.cut > 0 {
            report("\(path) ended in half a block, as after a crash: its last \(segment.file.cut) bytes were cut off")
        }
        if let labels { try segment.file.append(.labels(labels)) }
        return segment
    }

    private static func makeFolder(_ path: String) throws(OperationError) {
        guard mkdir(path, 0o750) != 0, errno != EEXIST else { return }
        throw OperationError("cannot make \(path): \(Errno.last)")
    }
}
