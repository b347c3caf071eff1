package import Events
import Foundation
import ScoreHistory
import System
import Text

/// The scores of each label over time, with its threshold and release as lines, its events and the true ones as spans: an SVG
/// that reads on light and on dark ground. Recordings stand side by side, each with its own time.
///
/// The axis is one of log-odds: from 0 to 1, all that decides would lie within a pixel of the ends.
package struct ScoreChart {
    package struct Panel {
        var label: String
        var threshold: Double
        var release: Double
        /// Of each recording.
        var scores: [[(time: Double, score: Double)]]
        var events: [[DetectedEvent]]
        /// What truly happened; empty if that is not known.
        var truth: [[TruthEvent]]

        package init(
            label: String,
            threshold: Double,
            release: Double,
            scores: [[(time: Double, score: Double)]],
            events: [[DetectedEvent]],
            truth: [[TruthEvent]] = []
        ) {
            self.label = label
            self.threshold = threshold
            self.release = release
            self.scores = scores
            self.events = events
            self.truth = truth
        }
    }

    package struct Recording {
        var name: String
        var seconds: Double

        package init(name: String, seconds: Double) {
            self.name = name
            self.seconds = seconds
        }
    }

    var title: String
    var recordings: [Recording]
    var panels: [Panel]

    package init(title: String, recordings: [Recording], panels: [Panel]) {
        self.title = title
        self.recordings = recordings
        self.panels = panels
    }

    /// The axis, in log-odds; beyond its ends scores stand at them.
    static let odds = (low: -7.0, high: 9.0)
    private static let ticks = [0.01, 0.5, 0.99, 0.999]

    // Pixels.
    static let plot = (left: 44.0, width: 940.0, height: 84.0)
    private static let top = 58.0
    private static let pitch = 122.0
    private static let gap = 10.0

    /// Where a recording's time begins, and pixels a second.
    private var layout: (starts: [Double], scale: Double) {
        let total = recordings.reduce(0) { $0 + max($1.seconds, 0.001) }
        let room = Self.plot.width - Self.gap * Double(max(0, recordings.count - 1))
        let scale = max(room, Self.plot.width / 2) / max(total, 0.001)
        var (starts, x): ([Double], Double) = ([], Self.plot.left)
        for recording in recordings {
            starts.append(x)
            x += recording.seconds * scale + Self.gap
        }
        return (starts, scale)
    }

    package var svg: String {
        let height = Self.top + Double(panels.count) * Self.pitch + 34
        var document = SVGDocument(
            width: Self.plot.left + Self.plot.width + 16,
            height: height,
            title: title,
            style: Self.style
        )
        document.rectangle(x: 0, y: 0, width: 1000, height: height, class: "ground")
        document.text(title, x: 12, y: 22, class: "title")
        legend(&document)
        for (index, panel) in panels.enumerated() {
            draw(panel, top: Self.top + Double(index) * Self.pitch + 24, into: &document)
        }
        let bottom = Self.top + Double(panels.count) * Self.pitch
        for index in recordings.indices { axis(of: index, y: bottom, into: &document) }
        return document.source
    }

    private func draw(_ panel: Panel, top: Double, into document: inout SVGDocument) {
        let (starts, scale) = layout
        let y = { (score: Double) in top + Self.height(of: score) }
        document.text(panel.label, x: Self.plot.left, y: top - 8, class: "label")
        for score in Self.ticks {
            document.text(NumberText.format(score), x: 38, y: y(score) + 4, anchor: "end", class: "tick")
        }
        for (index, recording) in recordings.enumerated() {
            let (left, right) = (starts[index], starts[index] + recording.seconds * scale)
            for score in Self.ticks {
                document.line(from: (left, y(score)), to: (right, y(score)), class: "grid")
            }
            let truths = panel.truth.indices.contains(index) ? panel.truth[index] : []
            // Beyond the recording's end lies the next one.
            for truth in truths where truth.start <= recording.seconds {
                document.rectangle(
                    x: left + truth.start * scale,
                    y: top - 5,
                    width: max(1, (min(truth.end, recording.seconds) - truth.start) * scale),
                    height: 5,
                    class: "truth"
                )
            }
            for event in panel.events[index] {
                document.rectangle(
                    x: left + event.start * scale,
                    y: top,
                    // Shorter than a pixel is still an event.
                    width: max(1, (event.end - event.start) * scale),
                    height: Self.plot.height,
                    class: "event"
                )
            }
            document.line(from: (left, y(panel.threshold)), to: (right, y(panel.threshold)), class: "threshold")
            document.line(from: (left, y(panel.release)), to: (right, y(panel.release)), class: "release")
            let points = panel.scores[index].map { (x: left + $0.time * scale, y: y($0.score)) }
            document.polyline(Self.thinned(points), class: "score")
        }
    }

    /// Pixels below the top of the plot.
    static func height(of score: Double) -> Double {
        let odds = min(max(Lead.logOdds(ofScore: score), Self.odds.low), Self.odds.high)
        return (Self.odds.high - odds) / (Self.odds.high - Self.odds.low) * plot.height
    }

    /// At most the first, lowest, highest and last point of each half pixel: a day of scores draws as fast as a minute, and
    /// no peak is lost.
    static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        guard points.count > Int(plot.width) * 2 else { return points }
        var kept: [(x: Double, y: Double)] = []
        var start = 0
        while start < points.count {
            let column = (points[start].x * 2).rounded(.down)
            var (end, low, high) = (start, start, start)
            while end < points.count, (points[end].x * 2).rounded(.down) == column {
                if points[end].y < points[low].y { low = end }
                if points[end].y > points[high].y { high = end }
                end += 1
            }
            for index in Set([start, low, high, end - 1]).sorted() { kept.append(points[index]) }
            start = end
        }
        return kept
    }

    private func axis(of index: Int, y: Double, into document: inout SVGDocument) {
        let (starts, scale) = layout
        let (left, recording) = (starts[index], recordings[index])
        let width = recording.seconds * scale
        let step = Self.step(secondsPerPixel: 1 / scale)
        for tick in 0...Int(min(recording.seconds / step, 1000)) {
            let x = left + Double(tick) * step * scale
            document.line(from: (x, y - 6), to: (x, y), class: "grid")
            // No room for a number that would run into the next recording's 0.
            guard tick == 0 || x - left <= width - 48 || index == recordings.count - 1 else { continue }
            document.text(Self.clock(Double(tick) * step), x: x, y: y + 12, anchor: "middle", class: "tick")
        }
        guard recordings.count > 1 else { return }
        let room = Int(width / 7)
        let name = recording.name.count > room ? String(recording.name.suffix(max(0, room))) : recording.name
        document.text(name, x: left, y: y + 25, class: "tick")
    }

    /// The shortest round step that leaves a number its room.
    static func step(secondsPerPixel: Double) -> Double {
        let steps: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200]
        return steps.first { $0 >= 55 * secondsPerPixel } ?? (secondsPerPixel * 55 / 86_400).rounded(.up) * 86_400
    }

    /// 0:05, 12:30, 1:00:00
    static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds)
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
    }

    private func legend(_ document: inout SVGDocument) {
        let y = 42.0
        for (x, name, text) in [
            (44.0, "score", "score"), (130, "threshold", "threshold"), (236, "release", "release"),
        ] {
            document.line(from: (x, y - 4), to: (x + 24, y - 4), class: name)
            document.text(text, x: x + 30, y: y, class: "tick")
        }
        document.rectangle(x: 326, y: y - 11, width: 24, height: 13, class: "event")
        document.text("event, from its start to its end", x: 356, y: y, class: "tick")
        guard panels.contains(where: { !$0.truth.isEmpty }) else { return }
        document.rectangle(x: 570, y: y - 8, width: 24, height: 5, class: "truth")
        document.text("what truly happened", x: 600, y: y, class: "tick")
    }

    /// The colours on light ground, and again for who reads on dark.
    private static let style = """
        text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
        .title { font-size: 15px; font-weight: 600; }
        .label { font-size: 13px; font-weight: 600; }
        polyline { fill: none; stroke-linejoin: round; }
        .ground { fill: #ffffff; }
        .title, .label { fill: #1f2328; }
        .tick { fill: #59636e; }
        .grid { stroke: #d8dee4; stroke-width: 1; }
        .score { stroke: #0969da; stroke-width: 1.6; }
        .threshold { stroke: #bc4c00; stroke-width: 1.2; stroke-dasharray: 6 3; }
        .release { stroke: #bc4c00; stroke-width: 1; stroke-dasharray: 1.5 3; }
        .event { fill: #1a7f37; fill-opacity: 0.2; }
        .truth { fill: #8250df; }
        @media (prefers-color-scheme: dark) {
        .ground { fill: #0d1117; }
        .title, .label { fill: #f0f6fc; }
        .tick { fill: #9198a1; }
        .grid { stroke: #30363d; }
        .score { stroke: #58a6ff; }
        .threshold, .release { stroke: #f0883e; }
        .event { fill: #3fb950; fill-opacity: 0.28; }
        .truth { fill: #a371f7; }
        }
        """
}
