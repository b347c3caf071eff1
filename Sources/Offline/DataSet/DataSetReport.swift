import Foundation
import Recognition
import Text
import Tuning
import XCLIP

/// How well a model classifies the videos of one list.
package struct DataSetReport: Sendable {
    let list: String
    let classes: [String]
    let tally: DataSetTally
    let options: DataSetEvaluation.Options
    let modelName: String
    let frames: Int
    /// Videos a second in this run; nil if an earlier run had finished all of them.
    let rate: Double?

    init(
        list: String,
        classes: [String],
        tally: DataSetTally,
        options: DataSetEvaluation.Options,
        model: XCLIPModel,
        rate: Double?
    ) {
        self.list = list
        self.classes = classes
        self.tally = tally
        self.options = options
        modelName = model.name
        frames = model.configuration.frames
        self.rate = rate
    }

    /// One JSON object; shares of 1.
    package var json: String {
        var line = JSONLine(type: "classification")
        line.add("list", list)
        line.add("model", modelName)
        line.add("frames", frames)
        line.add("views", options.views.description)
        line.add("preprocessing", options.preprocessing.rawValue)
        line.add("reuse", options.reuse.rawValue)
        line.add("classes", classes.count)
        line.add("videos", tally.videos)
        line.add("unreadable", tally.unreadable)
        line.add("top1", tally.topOneShare)
        line.add("top5", tally.topFiveShare)
        if let precision = tally.precision {
            line.add("map", precision.mean)
        } else {
            line.add("class_mean", tally.classMean)
        }
        line.add("videos_per_second", rate)
        line.add("per_class", classes.indices.map(classLine))
        line.add(
            "mistakes",
            tally.mistakes.map { mistake in
                var line = JSONLine()
                line.add("class", classes[mistake.label])
                line.add("taken_for", classes[mistake.other])
                line.add("count", mistake.count)
                return line
            }
        )
        return line.text
    }

    private func classLine(_ label: Int) -> JSONLine {
        var line = JSONLine()
        line.add("class", classes[label])
        line.add("videos", tally.videos(of: label))
        if let precision = tally.precision {
            line.add("ap", precision.value(of: label))
        } else {
            line.add("top1", tally.topOneShare(of: label))
        }
        return line
    }

    /// For people. `perClass`: a line for each class.
    package func text(perClass: Bool) -> String {
        var lines = [
            "\(list): \(tally.videos) videos of \(classes.count) classes; \(options.views) views of \(frames) frames, "
                + "\(options.preprocessing.rawValue) preprocessing, \(options.reuse.rawValue)",
            "  top-1 \(Self.percent(tally.topOneShare))   top-5 \(Self.percent(tally.topFiveShare))   "
                + (tally.precision.map { "mAP \(Self.percent($0.mean))" }
                    ?? "mean of the classes \(Self.percent(tally.classMean))"),
        ]
        if tally.unreadable > 0 { lines.append("  \(tally.unreadable) could not be read and are left out") }
        if let rate { lines.append(String(format: "  %.2f videos a second", rate)) }
        let mistakes = tally.mistakes.prefix(5).map { "\(classes[$0.label]) for \(classes[$0.other]) (\($0.count))" }
        if !mistakes.isEmpty { lines.append("  mistaken: " + mistakes.joined(separator: ", ")) }
        if perClass {
            // The average precision if videos have several classes.
            let shares = classes.indices.map { tally.precision?.value(of: $0) ?? tally.topOneShare(of: $0) }
            let ordered = classes.indices.sorted { (shares[$0] ?? 2, $0) < (shares[$1] ?? 2, $1) }
            lines += ordered.map { "  \(Self.percent(shares[$0])) of \(tally.videos(of: $0))  \(classes[$0])" }
        }
        return lines.joined(separator: "\n")
    }

    /// The matrix of how often each class was taken for each, as CSV: a row for each true class.
    package var confusion: String {
        func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
        let head = (["class"] + classes).map(quoted).joined(separator: ",")
        let rows = classes.indices.map { label in
            ([quoted(classes[label])] + classes.indices.map { "\(tally.count(label, takenFor: $0))" })
                .joined(separator: ",")
        }
        return ([head] + rows).joined(separator: "\n") + "\n"
    }

    /// The mean of several splits' figures, as JSON or for people; nil for one.
    package static func mean(of reports: [DataSetReport], json: Bool) -> String? {
        guard reports.count > 1 else { return nil }
        func mean(_ figure: (DataSetTally) -> Double?) -> Double? {
            let figures = reports.compactMap { figure($0.tally) }
            return figures.count == reports.count ? figures.reduce(0, +) / Double(figures.count) : nil
        }
        let (first, five) = (mean(\.topOneShare), mean(\.topFiveShare))
        let precision = mean { $0.precision?.mean }
        guard json else {
            return "mean of \(reports.count) splits: top-1 \(percent(first))   top-5 \(percent(five))"
                + (precision.map { "   mAP \(percent($0))" } ?? "")
        }
        var line = JSONLine(type: "classification_mean")
        line.add("splits", reports.count)
        line.add("top1", first)
        line.add("top5", five)
        if let precision { line.add("map", precision) }
        return line.text
    }

    private static func percent(_ share: Double?) -> String {
        share.map { String(format: "%.2f %%", 100 * $0) } ?? "unknown"
    }
}
