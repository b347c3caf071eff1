import ConfigurationText
import Foundation
import Recognition
import Settings
import Text
import XCLIP

/// What each text of one label contributed to its scores.
package struct TextReport {
    /// One text's logits over all windows, by itself.
    struct Share {
        let text: String
        private(set) var peak = -Double.infinity
        private var sum = 0.0
        private var windows = 0
        /// Windows in which it was the label's best text; of a text against the label, in which it was above the label.
        private(set) var leads = 0

        init(_ text: String) { self.text = text }

        /// Nil before the first window.
        var mean: Double? { windows > 0 ? sum / Double(windows) : nil }

        mutating func add(_ logit: Float, leads isLeading: Bool) {
            windows += 1
            sum += Double(logit)
            peak = max(peak, Double(logit))
            if isLeading { leads += 1 }
        }
    }

    /// What one text of the stream's own background takes from the label: how far the level that the label is measured against
    /// would be lower without it.
    struct Taken {
        let text: String
        private var sum = 0.0
        private var windows = 0
        private(set) var most = 0.0

        init(_ text: String) { self.text = text }

        /// Nil before the first window.
        var mean: Double? { windows > 0 ? sum / Double(windows) : nil }

        /// `level`: log Σ e^x over all that the label is measured against, with this text's logit among it.
        mutating func add(_ logit: Float, level: Double) {
            let taken = -log1p(-min(exp(Double(logit) - level), 1 - 1e-12))
            windows += 1
            sum += taken
            most = max(most, taken)
        }
    }

    /// A background text that takes no more than this, in logits, at any time, does nothing.
    private static let least = 0.05

    private let label: LabelConfiguration
    private(set) var background: [Taken]
    private(set) var texts: [Share]
    private(set) var against: [Share]
    private var windows = 0
    private var scores = 0.0
    private var peak = -Double.infinity
    private var peakTime = 0.0

    /// - Parameter background: the stream's own background texts.
    init(_ label: LabelConfiguration, background: [String]) {
        self.label = label
        self.background = background.map { Taken($0) }
        texts = label.texts.map { Share($0.text) }
        against = label.against.map { Share($0.text) }
    }

    /// Takes one window: the logits of each text by itself, then the label's logit and score.
    mutating func add(_ logits: PictureWindow.TextLogits, logit: Float, score: Double, at time: Double) {
        windows += 1
        scores += score
        if score > peak { (peak, peakTime) = (score, time) }
        let best = logits.texts.indices.max { (logits.texts[$0], -$0) < (logits.texts[$1], -$1) }
        for (index, value) in logits.texts.enumerated() { texts[index].add(value, leads: index == best) }
        for (index, value) in logits.against.enumerated() { against[index].add(value, leads: value > logit) }
        let competing = (logits.background + logits.against).map(Double.init)
        let top = competing.max() ?? 0
        let level = top + log(competing.reduce(0) { $0 + exp($1 - top) })
        for (index, value) in logits.background.suffix(background.count).enumerated() {
            background[index].add(value, level: level)
        }
    }

    /// For people.
    package var text: String {
        let rule = label.combination == .max ? "the best counts" : "their mean counts"
        let kind = texts.count == 1 ? "one text" : "\(texts.count) texts, \(rule)"
        var lines = [
            "\(label.name): \(kind)",
            String(
                format: "  %d windows, score %.3f on average, %.3f at most, at %.2f s",
                windows,
                windows > 0 ? scores / Double(windows) : 0,
                peak,
                peakTime
            ),
            "  mean logit  highest    best in",
        ]
        lines += texts.map(row)
        if !against.isEmpty {
            lines.append("  mean logit  highest   above it  against it")
            lines += against.map(row)
        }
        if !background.isEmpty {
            lines.append("  takes, mean     most       of the background, in logits")
            lines += background.map { taken in
                String(format: "%12.2f%9.2f", taken.mean ?? 0, taken.most)
                    + (taken.most < Self.least ? "  nothing  " : "           ") + taken.text
            }
        }
        return lines.map { $0.escapingControlCharacters() }.joined(separator: "\n")
    }

    private func row(_ share: Share) -> String {
        let percent = 100 * Double(share.leads) / Double(max(1, windows))
        return String(format: "%12.2f%9.2f%9.0f %%  ", share.mean ?? 0, share.peak, percent) + share.text
    }

    /// One JSON object.
    package var json: String {
        var line = JSONLine(type: "label")
        line.add("label", label.name)
        if texts.count > 1 { line.add("combine", label.combination.rawValue) }
        line.add("windows", windows)
        line.add("mean_score", windows > 0 ? scores / Double(windows) : nil)
        line.add("top_score", windows > 0 ? peak : nil)
        line.add("top_time", windows > 0 ? peakTime : nil)
        line.add("texts", texts.map { Self.line($0, leads: "best") })
        line.add("against", against.map { Self.line($0, leads: "above") })
        line.add(
            "background",
            background.map { taken in
                var line = JSONLine()
                line.add("text", taken.text)
                line.add("mean_taken", taken.mean)
                line.add("top_taken", taken.mean.map { _ in taken.most })
                return line
            }
        )
        return line.text
    }

    private static func line(_ share: Share, leads: String) -> JSONLine {
        var line = JSONLine()
        line.add("text", share.text)
        line.add("mean_logit", share.mean)
        line.add("top_logit", share.mean.map { _ in share.peak })
        line.add(leads, share.leads)
        return line
    }
}
