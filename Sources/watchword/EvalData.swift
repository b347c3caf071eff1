import ArgumentParser
import Foundation
import Offline
import Recognition
import Settings
import Text
import XCLIP

/// The data sets that `eval --data` classifies, and the protocol.
struct EvalData: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A data set's list of videos: path,label, or the authors' `path class`; may be given again, for each split.",
            valueName: "file"
        ),
        completion: .file()
    )
    var data: [String] = []

    @Option(
        help: ArgumentHelp("With --data: the classes, in the authors' form: CSV, id,name.", valueName: "file"),
        completion: .file()
    )
    var classes: String?

    @Option(
        help: ArgumentHelp("With --data: the directory of the videos. (default: the list's)", valueName: "dir"),
        completion: .directory
    )
    var root: String?

    @Option(help: "With --data: clips of each video x crops of each clip. (default: 1x1; the paper's: 4x3)")
    var views: DataSetViews?

    @Option(
        help: "With --data: paper, as the authors evaluate, or model, as the daemon treats a stream. (default: paper)"
    )
    var preprocessing: DataSetPreprocessing?

    @Option(
        help: ArgumentHelp(
            "With --data: a file for each video's result, from which an interrupted evaluation continues.",
            valueName: "file"
        ),
        completion: .file()
    )
    var results: String?

    @Option(
        help: ArgumentHelp("With --data: a file for the confusion matrix, as CSV.", valueName: "file"),
        completion: .file()
    )
    var confusion: String?

    @Flag(help: "With --data: also print a line for each class.")
    var perClass = false

    var isGiven: Bool { !data.isEmpty }

    func validateTogether(with input: EvalInput) throws {
        guard isGiven else {
            let options = [classes, root, results, confusion].contains { $0 != nil }
            if options || views != nil || preprocessing != nil || perClass {
                throw ValidationError(
                    "--classes, --root, --views, --preprocessing, --results, --confusion and --per-class go with --data."
                )
            }
            return
        }
        if input.isAgreement || !input.events.isEmpty || !input.truth.isEmpty {
            throw ValidationError("Give --data, --events with --truth, or --agreement: one of the three.")
        }
        if !input.config.isEmpty { throw ValidationError("--config goes with --events, not with --data.") }
        if !input.label.isEmpty || input.labels != nil {
            throw ValidationError("--label and --labels do not go with --data, whose labels are its classes.")
        }
        if input.reuse.count > 1 || input.reuse.contains(.alone) {
            throw ValidationError("With --data, --reuse is exact, sweep or cached, once.")
        }
        if confusion != nil && data.count > 1 {
            throw ValidationError("--confusion goes with one --data.")
        }
    }

    func options(_ input: EvalInput) -> DataSetEvaluation.Options {
        var options = DataSetEvaluation.Options(model: input.modelName, lists: data)
        options.classes = classes
        options.root = root
        options.views = views ?? options.views
        options.preprocessing = preprocessing ?? options.preprocessing
        if let level = input.reuse.first.flatMap({ ReuseLevel(rawValue: $0.rawValue) }) { options.reuse = level }
        options.precision = input.precision ?? options.precision
        options.results = results
        options.needsConfusion = confusion != nil
        return options
    }

    /// Fails before the work rather than after it.
    func checkConfusion() throws {
        guard let confusion else { return }
        let directory = (confusion as NSString).deletingLastPathComponent
        var isDirectory: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: confusion, isDirectory: &isDirectory)
        let written = isThere ? confusion : directory.isEmpty ? "." : directory
        guard !isDirectory.boolValue, FileManager.default.isWritableFile(atPath: written) else {
            throw OperationError(
                "cannot write \(confusion): it is a directory or not writable, or its directory does not exist; choose another file"
            )
        }
    }

    /// Writes the confusion matrix, if a file was given for it.
    func writeConfusion(_ report: DataSetReport) throws {
        guard let confusion else { return }
        do {
            try Data(report.confusion.utf8).write(to: URL(fileURLWithPath: confusion))
        } catch {
            throw OperationError("\(confusion): cannot be written: \(error.localizedDescription)")
        }
    }
}

extension DataSetViews: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension DataSetPreprocessing: ExpressibleByArgument {}
