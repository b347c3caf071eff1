import ArgumentParser
import Events
import Foundation
import Models
import Offline
import Recognition
import Settings
import XCLIP

struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare events with the truth, a model with a data set, or a reuse level with the model.",
        discussion: """
            With --events and --truth: treats stream files as the daemon treats a live
            stream, in stream time, as fast as they decode. Then it compares the events of
            each reuse level with the truth. A truth file is CSV: the header
            label,start,end, then a line for each event, in seconds since the stream's
            first picture; lines that begin with # are skipped. The labels watched are
            those of all truth files and of --label and --labels.

            An emitted event and a true event of the same label match if they overlap
            after the true event is widened by --tolerance on both sides. Matches are one
            to one, in time order. Onset F1 also requires that the event starts within
            --tolerance of the true start. The delay is the time from the true start until
            the event was emitted. Macro F1 is the mean over the labels with true events.

            With --config as well, the events are those of a configured stream, with all
            its labels, rules and settings: for each label precision, recall and F1 now,
            and at its best threshold. Two files show what a change brings. Thresholds that
            are learned start from --history or --quiet, if given.

            --sweep (of thresholds, not the reuse level) shows F1 at other thresholds, each
            for all labels, with the release in the same ratio. With --config it prints a
            table for each label instead: at each threshold the events, how many are true,
            the false ones a day and the delay. The scores are those of the run: if confirm
            made the exact pass decide, that score stays. Other thresholds confirm nothing
            again.

            With --agreement: scores each window by the level and by exact, without writing
            the exact state back, and shows how far apart they are. At the level `self`
            each frame attends only to itself: the other levels must be better than this.
            Events match if they start within one decision of each other.

            With --data: classifies the videos of a data set by the paper's protocol, and
            shows how often the right class is first, and among the first five. A list is
            CSV with the header path,label, or has a line `path class` for each video; the
            class is a number in the file --classes. If videos have several classes (`path
            class class`), it shows the mean average precision (mAP). With --results, an
            interrupted evaluation continues where it stopped.

            Example:
              watchword eval --data val.txt --classes kinetics_400_labels.csv \\
                --views 4x3 --model DIR
              watchword eval --events day.mp4 --truth day.csv --model DIR --sweep
              watchword eval --events day.mp4 --truth day.csv --config mine.yaml \\
                --config tuned.yaml
              watchword eval --agreement clip.mp4 --label "a person falls" --model DIR
            """
    )

    @OptionGroup var input: EvalInput
    @OptionGroup var dataSet: EvalData
    @OptionGroup var tuning: EvalTuning
    @OptionGroup var lesson: LessonOptions

    @Flag(
        help:
            "With --events: also show F1 for thresholds from 0.05 to 0.95; with --config a table for each label, as replay does."
    )
    var sweep = false

    @Flag(help: "Print one JSON object per level, per configuration or per list.")
    var json = false

    func validate() throws {
        try dataSet.validateTogether(with: input)
        if lesson.isGiven, input.config.isEmpty {
            throw ValidationError("--quiet and --history go with --config, whose thresholds they teach.")
        }
        if dataSet.isGiven {
            if sweep || tuning.isGiven { throw ValidationError("The settings of a stream do not go with --data.") }
            return
        }
        try input.validateTogether()
        try tuning.validateFor(agreement: input.isAgreement)
        if !input.config.isEmpty, tuning.hasSettings {
            throw ValidationError("The settings of a stream go without --config, which has them.")
        }
        if sweep && input.isAgreement { throw ValidationError("--sweep goes with --events, not with --agreement.") }
    }

    func run() throws {
        let texts = try labelTexts(input.label, file: input.labels)
        var bar = ProgressLine()
        defer { bar.clear() }
        let lines =
            try dataSet.isGiven
            ? classification(&bar)
            : input.isAgreement
                ? agreement(texts, &bar) : input.config.isEmpty ? evaluation(texts, &bar) : configured(&bar)
        bar.clear()
        for line in lines { try printLine(line) }
    }

    private func evaluation(_ labels: [String], _ bar: inout ProgressLine) throws -> [String] {
        let streams = zip(input.events, input.truth).map { (video: $0, truth: $1) }
        var options = Evaluation.Options(model: input.modelName, streams: streams)
        options.labels = labels
        if !input.reuse.isEmpty { options.levels = input.reuse.compactMap { ReuseLevel(rawValue: $0.rawValue) } }
        options.stream = try tuning.stream(ofModel: input.modelName)
        options.stream.precision = input.precision ?? options.stream.precision
        options.tolerance = tuning.tolerance ?? options.tolerance
        options.sweeps = sweep
        let reports = try withBar(&bar) { try Evaluation(options).run(progress: $0, warn: $1) }
        return reports.map { json ? $0.json : $0.text }
    }

    /// The same recordings through the stream of each configuration.
    private func configured(_ bar: inout ProgressLine) throws -> [String] {
        // All are read before the first runs: a mistake in the last is reported at once.
        let choices = try input.config.map { path in
            let configuration = try Configuration.load(path: path)
            let (stream, model) = try configuredStream(input.stream, of: configuration)
            let learns = stream.labels.contains { $0.rules.isLearned }
            return (stream: stream, model: model, lesson: try lesson.lesson(for: configuration), learns: learns)
        }
        // Of two files, the one before a change may have plain thresholds.
        let anyLearns = choices.contains(where: \.learns)
        let reports = try zip(input.config, choices).map { path, choice in
            var options = RecordingReplay.Options(stream: choice.stream, model: choice.model, videos: input.events)
            options.truth = input.truth
            if choice.learns || !anyLearns { options.lesson = choice.lesson }
            options.tolerance = tuning.tolerance ?? options.tolerance
            options.sweeps = sweep
            let report = try withBar(&bar) { progress, warn in
                try RecordingReplay(options).run(progress: { progress("\(path): \($0)") }, warn: warn) { _ in }
            }
            return (configuration: path, report: report)
        }
        if json { return reports.map { $0.report.json(configuration: $0.configuration) } }
        guard reports.count > 1 else { return reports.map(\.report.text) }
        return reports.flatMap { ["-- \($0.configuration) --", $0.report.text] } + [ReplayReport.comparison(reports)]
    }

    private func classification(_ bar: inout ProgressLine) throws -> [String] {
        try dataSet.checkConfusion()
        let evaluation = DataSetEvaluation(dataSet.options(input))
        let reports = try withBar(&bar) { try evaluation.run(progress: $0, warn: $1) }
        if let report = reports.first { try dataSet.writeConfusion(report) }
        let mean = DataSetReport.mean(of: reports, json: json)
        return reports.map { json ? $0.json : $0.text(perClass: dataSet.perClass) } + (mean.map { [$0] } ?? [])
    }

    private func agreement(_ labels: [String], _ bar: inout ProgressLine) throws -> [String] {
        var options = Agreement.Options(model: input.modelName, videos: input.agreement, labels: labels)
        if !input.reuse.isEmpty { options.levels = input.reuse }
        options.stream = try tuning.stream(ofModel: input.modelName)
        options.stream.precision = input.precision ?? options.stream.precision
        let reports = try withBar(&bar) { try Agreement(options).run(progress: $0, warn: $1) }
        return reports.map { json ? $0.json : $0.text }
    }
}

extension Agreement.Level: ExpressibleByArgument {}
