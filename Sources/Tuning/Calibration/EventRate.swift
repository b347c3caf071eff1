import Foundation

/// How many events a day footage shows, and the interval that it leaves open.
///
/// Events cluster: a storm makes twenty where a quiet day makes none. So passages are counted, groups of events without a pause
/// of half an hour between them, and any passage may turn out as rich in events as the richest. With n passages in d days and
/// m events in the richest, the rate lies between Γ⁻¹(2.5 %; n) / d and m · Γ⁻¹(97.5 %; n + 1) / d. If every passage has one
/// event, this is the exact interval of a Poisson count (Garwood's).
package struct EventRate: Sendable, Equatable {
    /// Events further apart than this belong to different passages.
    package static let passageGap = 1800.0
    /// The share of the interval.
    package static let confidence = 0.95

    /// The number of events of each passage.
    package let passages: [Int]
    /// Of the footage.
    package let days: Double
    /// The events of the richest passage that is to be expected, though the footage may have none so high.
    package let largest: Int

    /// - Parameters:
    ///   - starts: the seconds at which events start, in order, for each piece of footage.
    ///   - days: the length of all pieces.
    ///   - largest: the events that the richest passage has at least.
    package init(starts: [[Double]], days: Double, largest: Int = 1) {
        passages = starts.flatMap(Self.passages)
        self.days = days
        self.largest = max(largest, passages.max() ?? 1)
    }

    static func passages(_ starts: [Double]) -> [Int] {
        var passages: [Int] = []
        var last: Double?
        for start in starts {
            if let last, start - last <= passageGap { passages[passages.count - 1] += 1 } else { passages.append(1) }
            last = start
        }
        return passages
    }

    package var events: Int { passages.reduce(0, +) }
    package var perDay: Double { days > 0 ? Double(events) / days : 0 }

    /// The lower end of the interval, a day.
    package var least: Double {
        guard days > 0, !passages.isEmpty else { return 0 }
        return GammaDistribution.quantile((1 - Self.confidence) / 2, shape: Double(passages.count)) / days
    }

    /// The upper end of the interval, a day.
    package var most: Double {
        guard days > 0 else { return .infinity }
        let passages = GammaDistribution.quantile((1 + Self.confidence) / 2, shape: Double(passages.count + 1))
        return Double(largest) * passages / days
    }

    /// The days of footage without a single event that show at most `perDay` events a day, if a passage has up to `largest`.
    package static func daysNeeded(perDay: Double, largest: Int = 1) -> Double {
        Double(largest) * GammaDistribution.quantile((1 + confidence) / 2, shape: 1) / perDay
    }
}
