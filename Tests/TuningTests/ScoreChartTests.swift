import Events
import Foundation
import FoundationXML
import Testing

@testable import Tuning

/// The chart as an XML parser reads it: what stands where.
@Suite struct ScoreChartTests {
    private func chart(seconds: [Double] = [100]) -> ScoreChart {
        ScoreChart(
            title: "yard: <scores> & more",
            recordings: seconds.map { ScoreChart.Recording(name: "a & b.mp4", seconds: $0) },
            panels: [
                ScoreChart.Panel(
                    label: "a \"fall\" <now>",
                    threshold: 0.75,
                    release: 0.25,
                    scores: seconds.map { _ in [(time: 0, score: 0), (time: 50, score: 1), (time: 100, score: 0.5)] },
                    events: seconds.map { _ in [DetectedEvent(start: 25, end: 75, emission: 26)] },
                    truth: seconds.map { _ in [TruthEvent(start: 20, end: 60)] }
                )
            ]
        )
    }

    private func elements(_ chart: ScoreChart, _ name: String) throws -> [Element] {
        let reader = ElementReader()
        let parser = XMLParser(data: Data(chart.svg.utf8))
        parser.delegate = reader
        try #require(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(reader.elements.first?.name == "svg")
        return reader.elements.filter { $0.attributes["class"] == name }
    }

    private func points(_ element: Element) throws -> [[Double]] {
        try #require(element.attributes["points"]).split(separator: " ").map { pair in
            pair.split(separator: ",").compactMap { Double($0) }
        }
    }

    /// 940 pixels from x = 44 for 100 s; 84 pixels from y = 82 for the log-odds from 9 down to -7. The log-odds of 0.75 and 0.25
    /// are ln 3 and -ln 3.
    @Test func scoresAndLinesStandWhereTheySay() throws {
        let score = try #require(try elements(chart(), "score").last)
        #expect(try points(score) == [[44, 166], [514, 82], [984, 129.3]])
        let threshold = try #require(try elements(chart(), "threshold").last)
        #expect(try points(threshold) == [[44, 123.5], [984, 123.5]])
        let release = try #require(try elements(chart(), "release").last)
        #expect(try points(release) == [[44, 135], [984, 135]])
        let event = try #require(try elements(chart(), "event").last)
        #expect(event.attributes["x"] == "279")
        #expect(event.attributes["width"] == "470")
        let truth = try #require(try elements(chart(), "truth").last)
        #expect(truth.attributes["x"] == "232" && truth.attributes["width"] == "376")
    }

    @Test func recordingsStandSideBySideInTheSameScale() throws {
        let scores = try elements(chart(seconds: [100, 100]), "score").filter { try points($0).count == 3 }
        try #require(scores.count == 2)
        let (first, second) = (try points(scores[0]), try points(scores[1]))
        #expect(first[2][0] - first[0][0] == 465 && second[2][0] - second[0][0] == 465)
        #expect(second[0][0] - first[2][0] == 10)
    }

    /// It would stand in the next recording, or far outside of the picture.
    @Test(arguments: [100.5, 150, 1e19, 1e300])
    func whatIsTrueAfterTheLastPictureIsNotDrawn(start: Double) throws {
        var late = chart(seconds: [100, 100])
        late.panels[0].truth[0].append(TruthEvent(start: start, end: start))
        #expect(late.svg == chart(seconds: [100, 100]).svg)
    }

    @Test func numbersAreTenths() {
        #expect([0, -0.04, 12, 12.34, 12.96, -3.25].map(SVGDocument.number) == ["0", "0", "12", "12.3", "13", "-3.3"])
        #expect(SVGDocument.number(.nan) == "0" && Double(SVGDocument.number(1e19)) == 1e19)
    }

    @Test func wordsAreEscaped() throws {
        let texts = try elements(chart(), "label").map { $0.text.trimmingCharacters(in: .newlines) }
        #expect(texts == ["a \"fall\" <now>"])
        #expect(SVGDocument.escaped("a\u{1B}[2J<&>\"") == "a\u{FFFD}[2J&lt;&amp;&gt;&quot;")
    }

    @Test func darkAndLightHaveTheirColours() throws {
        #expect(chart().svg.contains("@media (prefers-color-scheme: dark)"))
    }

    /// A day at two scores a second: few points, and the one peak is among them.
    @Test func manyPointsAreThinnedAndNoPeakIsLost() {
        var points: [(x: Double, y: Double)] = []
        for index in 0..<172_800 {
            points.append((x: 44 + 940 * Double(index) / 172_800, y: 50 + Double(index % 7)))
        }
        points[100_001].y = 1
        let kept = ScoreChart.thinned(points)
        #expect(kept.count <= 4 * 2 * 941)
        #expect(kept.contains { $0.y == 1.0 })
        #expect(kept.first?.x == points.first?.x && kept.last?.x == points.last?.x)
        #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.x < $1.x })
        #expect(ScoreChart.thinned(Array(points.prefix(10))).count == 10)
    }

    @Test(arguments: [(0.05, 5.0), (1, 60), (4, 300), (92, 7200), (2000, 172_800)])
    func theAxisHasRoundSteps(secondsPerPixel: Double, step: Double) {
        #expect(ScoreChart.step(secondsPerPixel: secondsPerPixel) == step)
    }

    @Test func timesReadAsClocksDo() {
        #expect([0, 5, 750, 3600, 90_061].map(ScoreChart.clock) == ["0:00", "0:05", "12:30", "1:00:00", "25:01:01"])
    }

    @Test func aThresholdMovesWithItsRelease() {
        let rules = EventRules(threshold: 0.6, release: 0.3, minDuration: .zero, hold: .zero, cooldown: .zero)
        #expect(rules.moved(to: 0.8).threshold == 0.8)
        #expect(abs(rules.moved(to: 0.8).release - 0.4) < 1e-12)
        var always = rules
        (always.threshold, always.release) = (0, 0)
        #expect(always.moved(to: 0.5).release == 0.5)
    }
}

private struct Element {
    var name: String
    var attributes: [String: String]
    var text = ""
}

/// Every element in document order.
private final class ElementReader: NSObject, XMLParserDelegate {
    private(set) var elements: [Element] = []

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements.append(Element(name: name, attributes: attributes))
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if let last = elements.indices.last { elements[last].text += text }
    }
}
