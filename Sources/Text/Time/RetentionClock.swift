package import System

/// Decides which kept things are too old, by a clock that may be wrong. Pure: all times are passed in.
///
/// A machine without a battery for its clock, or with a wrong one, starts at any date. Ages counted by it would erase
/// what is kept. So age is counted from the newest thing that is kept, plus the time that has passed since the start;
/// and from the clock only while synchronisation vouches for it. Whatever the reason, more than a day's worth at once is
/// dropped only after a pause in which somebody can correct the clock: in steady operation, little becomes too old at a
/// time.
package struct RetentionClock: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// What is older than this is dropped. `isDoubted` is true if it is more than a day's worth.
        case drop(before: UTCTime, isDoubted: Bool)
        /// What is older than this is dropped after a pause. `isNews` is true the first time.
        case wait(before: UTCTime, isNews: Bool)
    }

    /// What the system says about the present.
    package struct Reading: Sendable {
        package var time: UTCTime
        package var isSynchronised: Bool
        package var instant: Instant

        package init(time: UTCTime, isSynchronised: Bool, instant: Instant = .now) {
            self.time = time
            self.isSynchronised = isSynchronised
            self.instant = instant
        }
    }

    /// The pause before more than a day's worth is dropped.
    package static let patience = Duration.seconds(3600)
    private static let suspicious = Duration.seconds(86_400)

    /// The time of the newest thing that earlier runs kept; nil for none.
    private let newest: UTCTime?
    private let began: Instant
    private let patience: Duration
    /// When more than a day's worth was first found too old.
    private var doubtedSince: Instant?

    package init(newest: UTCTime?, began: Instant = .now, patience: Duration = RetentionClock.patience) {
        self.newest = newest
        self.began = began
        self.patience = patience
    }

    /// - Parameters:
    ///   - keep: how long things are kept.
    ///   - oldest: the time of the oldest thing that is kept; nil for none.
    ///   - now: the present.
    package mutating func verdict(keep: Duration, oldest: UTCTime?, now: Reading) -> Verdict {
        let aged = newest.map { min(now.time, $0 + (now.instant - began)) }
        let cutoff = (now.isSynchronised ? now.time : aged ?? now.time) - keep
        guard let oldest, oldest < cutoff - Self.suspicious else {
            doubtedSince = nil
            return .drop(before: cutoff, isDoubted: false)
        }
        let isNews = doubtedSince == nil
        let since = doubtedSince ?? now.instant
        doubtedSince = since
        return now.instant - since < patience
            ? .wait(before: cutoff, isNews: isNews) : .drop(before: cutoff, isDoubted: true)
    }
}
