import ArgumentParser
import Foundation
import Offline
import Recognition
import Settings
import XCLIP

struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hold events against the truth, a model against a data set, or a reuse level against the model.",
        discussion: """
            With --events and --truth: runs stream files as fast as they decode through
            what the daemon does with a live stream, in stream time, and says for each
            reuse level how its events tell of the truth. A truth file is CSV: the header
            label,start,end, then a line for each event, in seconds since the stream's
            first picture; lines that begin with # are skipped. The labels watched are
            those of all truth files and of --label and --labels.

            An emitted event and a true one of its label match where they overlap after
            the true one is widened by --tolerance on both sides; one to one, in time
            order. Onset F1 asks more: the event's start within --tolerance of the true
            one's. The delay is from the true start to the moment the event was emitted.
            Macro F1 is the mean over the labels of which something happened.

            --sweep (of thresholds, not the level) tells F1 for one threshold for all
            labels, the release in the same ratio. The scores are those of the run: where
            confirm had the exact pass decide, its score stands, and the other thresholds
            confirm nothing anew.

            With --agreement: scores each window by the level and by exact, with no exact
            state written back, and says how far apart they are. The level `self` lets
            each frame attend only to itself: what the others must be better than. Events
            match where they start within one decision of one another.

            With --data: classifies the videos of a data set by the paper's protocol, and
            says how often the right class comes first and among the first five. A list is
            CSV with the header path,label, or has a line `path class` for each video, the
            class a number of the file --classes. With --results an evaluation that was
            ended goes on where it was.

            Example:
              watchword eval --data val.txt --classes kinetics_400_labels.csv --views 4x3 --model DIR
              watchword eval --events day.mp4 --truth day.csv --model DIR --sweep
              watchword eval --agreement clip.mp4 --label "a person falls" --model DIR
            """
    )

    @OptionGroup var input: EvalInput
    @OptionGroup var dataSet: EvalData
    @OptionGroup var tuning: EvalTuning

    @Flag(help: "With --events: F1 for thresholds from 0.05 to 0.95 as well.")
    var sweep = false

    @Flag(help: "One JSON object a level.")
    var json = false

    func validate() throws {
        try dataSet.validateTogether(with: input)
        if dataSet.isGiven {
            if sweep || tuning.isGiven { throw ValidationError("The settings of a stream do not go with --data.") }
            return
        }
        try input.validateTogether()
        try tuning.validateFor(agreement: input.isAgreement)
        if sweep && input.isAgreement { throw ValidationError("--sweep goes with --events, not with --agreement.") }
    }

    func run() throws {
        let texts = try labelTexts(input.label, file: input.labels)
        var bar = ProgressLine()
        defer { bar.clear() }
        let lines =
            try dataSet.isGiven
            ? classification(&bar) : input.isAgreement ? agreement(texts, &bar) : evaluation(texts, &bar)
        bar.clear()
        for line in lines { try printLine(line) }
    }

    private func evaluation(_ labels: [String], _ bar: inout ProgressLine) throws -> [String] {
        let streams = zip(input.events, input.truth).map { (video: $0, truth: $1) }
        var options = Evaluation.Options(model: input.model, streams: streams)
        options.labels = labels
        if !input.reuse.isEmpty { options.levels = input.reuse.compactMap { ReuseLevel(rawValue: $0.rawValue) } }
        options.stream = try tuning.stream(ofModel: input.model)
        options.tolerance = tuning.tolerance ?? options.tolerance
        options.sweeps = sweep
        let reports = try withBar(&bar) { try Evaluation(options).run(progress: $0, warn: $1) }
        return reports.map { json ? $0.json : $0.text }
    }

    private func classification(_ bar: inout ProgressLine) throws -> [String] {
        let evaluation = DataSetEvaluation(dataSet.options(input))
        let reports = try withBar(&bar) { try evaluation.run(progress: $0, warn: $1) }
        if let report = reports.first { try dataSet.writeConfusion(report) }
        let mean = DataSetReport.mean(of: reports, json: json)
        return reports.map { json ? $0.json : $0.text(perClass: dataSet.perClass) } + (mean.map { [$0] } ?? [])
    }

    private func agreement(_ labels: [String], _ bar: inout ProgressLine) throws -> [String] {
        var options = Agreement.Options(model: input.model, videos: input.agreement, labels: labels)
        if !input.reuse.isEmpty { options.levels = input.reuse }
        options.stream = try tuning.stream(ofModel: input.model)
        let reports = try withBar(&bar) { try Agreement(options).run(progress: $0, warn: $1) }
        return reports.map { json ? $0.json : $0.text }
    }

    /// Calls `body` with where progress goes, and where warnings go.
    private func withBar<Result>(
        _ bar: inout ProgressLine,
        _ body: ((String) -> Void, (String) -> Void) throws -> Result
    ) rethrows -> Result {
        var shown = bar
        defer { bar = shown }
        return try body({ shown.show($0) }) { warning in
            shown.clear()
            Outcome.complain("watchword: warning: \(warning)")
        }
    }
}

extension Agreement.Level: ExpressibleByArgument {}
