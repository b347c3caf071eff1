import Foundation
import System
package import Text

/// Reads a stream's history, also while a daemon goes on writing it.
package struct HistoryReader {
    private let place: HistoryPlace

    package init(_ place: HistoryPlace) { self.place = place }

    /// Reads what the history has of each label.
    ///
    /// - Parameters:
    ///   - stream: the stream's name.
    ///   - since: nothing older is read.
    ///   - warn: takes the name of a file with damage in it. What follows the damage is not read.
    /// - Returns: by each label's key; only of labels of which there is something since then.
    /// - Throws: `OperationError` if the stream has no history, or a file cannot be read.
    package func read(
        _ stream: String,
        since: UTCTime,
        warn: (String) -> Void = { _ in }
    ) throws(OperationError) -> [String: LabelHistory] {
        let folder = place.folder(of: stream)
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw OperationError(
                "there is no history of the stream \(stream) in \(place.directory), or this user may not read it: "
                    + "a daemon with events.journal writes it"
            )
        }
        let found = names.compactMap(HistoryPlace.parse)
        var histories: [String: LabelHistory] = [:]
        for kind in HistoryPlace.Kind.allCases {
            let numbers = found.filter { $0.kind == kind }.map(\.number).sorted()
            for number in numbers where HistoryPlace.start(kind, number) + kind.span >= since {
                let path = folder + "/" + HistoryPlace.name(kind, number)
                let bytes: [UInt8]
                do throws(RegularFile.Fault) {
                    bytes = try RegularFile.contents(of: path, limit: SegmentFile.byteLimit)
                } catch {
                    // The daemon may remove an old file at any time.
                    if error.isAbsence { continue }
                    let (message, remedy) = error.explanation
                    throw OperationError("\(path) \(message); \(remedy)")
                }
                let (blocks, whole) = SegmentFile.blocks(in: bytes)
                // The last block of the file in use may be half written.
                if whole < bytes.count, number != numbers.last { warn(path) }
                gather(blocks, since, into: &histories)
            }
        }
        return histories.mapValues(Self.ordered).filter { $0.value.covered > .zero }
    }

    private func gather(_ blocks: [HistoryBlock], _ since: UTCTime, into histories: inout [String: LabelHistory]) {
        var labels: HistoryLabels?
        for block in blocks {
            switch (block, labels) {
            case (.labels(let found), _): labels = found
            case (.decisions(let decisions), let labels?):
                for (index, label) in labels.labels.enumerated() {
                    let samples = decisions.filter { $0.time >= since }.map { (time: $0.time, lead: $0.leads[index]) }
                    let empty = LabelHistory(name: label.name, interval: labels.interval)
                    // In place: a day has thousands of blocks.
                    histories[label.key, default: empty].stretches.append(samples)
                    histories[label.key]?.interval = labels.interval
                }
            case (.minute(let minutes), let labels?):
                for (label, minute) in zip(labels.labels, minutes) where minute.start >= since {
                    histories[label.key, default: LabelHistory(name: label.name, interval: labels.interval)]
                        .minutes.append(minute)
                }
            case (.decisions, nil), (.minute, nil): break
            }
        }
    }

    /// In time order, cut where the stream was not watched. Minutes whose decisions are kept are left out.
    private static func ordered(_ history: LabelHistory) -> LabelHistory {
        var ordered = history
        let samples = history.stretches.joined().sorted { $0.time < $1.time }
        let pause = HistoryLabels(labels: [], interval: history.interval).longestPause
        ordered.stretches = []
        for sample in samples {
            if let last = ordered.stretches.last?.last, sample.time <= last.time + pause {
                ordered.stretches[ordered.stretches.count - 1].append(sample)
            } else {
                ordered.stretches.append([sample])
            }
        }
        let first = samples.first.map { $0.time.microseconds / 60_000_000 * 60_000_000 }
        ordered.minutes = history.minutes.filter { minute in first.map { minute.start.microseconds < $0 } ?? true }
            .sorted { $0.start < $1.start }
        return ordered
    }
}
