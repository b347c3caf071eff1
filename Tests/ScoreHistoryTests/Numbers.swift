import TestSupport
import Text

@testable import ScoreHistory

/// 2026-11-22T10:00:00Z, the start of an hour.
let noon = UTCTime(microseconds: 1_795_341_600_000_000)

func labels(_ keys: [String], minDuration: Duration = .seconds(1)) -> HistoryLabels {
    HistoryLabels(
        labels: keys.map { HistoryLabel(name: "the \($0)", key: $0, minDuration: minDuration) },
        interval: .milliseconds(500)
    )
}

/// Decisions half a second apart.
func decisions(_ count: Int, labels: Int = 1, from start: UTCTime = noon, _ lead: (Int) -> Double) -> [ScoredDecision] {
    (0..<count).map { index in
        ScoredDecision(
            time: start + .milliseconds(500 * index),
            leads: (0..<labels).map { lead(index) + Double($0) }
        )
    }
}
