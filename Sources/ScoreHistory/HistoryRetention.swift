import Foundation
import System
package import Text

/// Removes the files of all streams that are too old, and the oldest of a stream that has too many. A clock that may be wrong
/// removes nothing at once: see `RetentionClock`.
package struct HistoryRetention {
    /// Decisions are kept for a day, and up to an hour more, since an hour's file goes as a whole.
    package static let recent = Duration.seconds(86_400)
    /// The bytes of a stream's decisions, and of its minutes.
    package static let byteLimit: Int64 = 128 << 20

    private struct Kept {
        var path: String
        var start: UTCTime
        var end: UTCTime
        var byteCount: Int64
    }

    private let place: HistoryPlace
    private let keep: Duration
    private var clocks: [HistoryPlace.Kind: RetentionClock] = [:]

    /// - Parameter keep: how long minutes are kept.
    package init(_ place: HistoryPlace, keep: Duration) {
        self.place = place
        self.keep = keep
        for kind in HistoryPlace.Kind.allCases {
            let newest = streams.flatMap { files(of: $0, kind) }.map(\.start).max()
            clocks[kind] = RetentionClock(newest: newest)
        }
    }

    private var streams: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: place.directory)) ?? []
    }

    /// Removes what is too old, now and then.
    package mutating func sweep(now: RetentionClock.Reading, report: (String) -> Void) {
        let streams = streams
        for kind in HistoryPlace.Kind.allCases {
            let files = streams.map { self.files(of: $0, kind) }
            let keep = kind == .recent ? Self.recent : keep
            let oldest = files.joined().map(\.end).min()
            switch clocks[kind]?.verdict(keep: keep, oldest: oldest, now: now) {
            case .drop(let cutoff, _): for file in files.joined() where file.end < cutoff { unlink(file.path) }
            case .wait(let cutoff, true):
                let count = files.joined().count { $0.end < cutoff }
                report(
                    "\(count) files of scores in \(place.directory) are too old if the clock is right, which reads \(now.time): "
                        + "they are removed in \(RetentionClock.patience.configured); until then, correct the clock if it is wrong"
                )
            case .wait(_, false), nil: break
            }
            for files in files { limit(files) }
        }
        // Of streams that are no longer configured nothing is left in the end. A folder that is not empty stays.
        for stream in streams { rmdir(place.folder(of: stream)) }
    }

    private func limit(_ files: [Kept]) {
        var bytes: Int64 = 0
        for file in files.sorted(by: { $0.start > $1.start }) {
            bytes += file.byteCount
            if bytes > Self.byteLimit { unlink(file.path) }
        }
    }

    private func files(of stream: String, _ kind: HistoryPlace.Kind) -> [Kept] {
        let folder = place.folder(of: stream)
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap { name in
            guard let (found, number) = HistoryPlace.parse(name), found == kind else { return nil }
            var status = stat()
            guard stat(folder + "/" + name, &status) == 0 else { return nil }
            let start = HistoryPlace.start(kind, number)
            return Kept(
                path: folder + "/" + name,
                start: start,
                end: start + kind.span,
                byteCount: Int64(status.st_size)
            )
        }
    }
}
