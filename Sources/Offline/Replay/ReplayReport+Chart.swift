import Events
import Foundation
import Recognition
import System
import Text
import Tuning
import XCLIP

extension ReplayReport {
    /// The scores over time, as an SVG.
    package var chart: String {
        ScoreChart(
            title: "\(stream): scores, window \(window.configured), \(reuse.rawValue), \(model)",
            recordings: outcomes.map {
                ScoreChart.Recording(name: $0.video, seconds: $0.seconds)
            },
            panels: labels.enumerated().map { index, label in
                ScoreChart.Panel(
                    label: label.name,
                    threshold: label.threshold,
                    release: label.release,
                    scores: outcomes.map { outcome in
                        scores(of: index, in: outcome).map { (time: $0.time.seconds, score: $0.score) }
                    },
                    events: outcomes.map { $0.events[index] },
                    truth: truth.map { $0[index] }
                )
            }
        ).svg
    }
}
