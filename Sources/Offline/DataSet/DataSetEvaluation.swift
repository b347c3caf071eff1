import Capture
import ConfigurationText
import Foundation
import Kernels
import Models
import Recognition
import Settings
import System
import Text
package import XCLIP

/// Classifies the videos of a data set by the paper's protocol: what `eval --data` does. Each processor takes a video at a
/// time, decodes it and encodes it, so that all are busy with both.
package struct DataSetEvaluation {
    package struct Options: Sendable {
        package var model: String
        /// The lists; several are splits, whose figures are averaged.
        package var lists: [String]
        /// The file of the classes' names and numbers; nil if the lists name the classes themselves.
        package var classes: String?
        /// The directory that the paths are relative to; nil for each list's own directory.
        package var root: String?
        package var views = DataSetViews(clips: 1, crops: 1)
        package var preprocessing = DataSetPreprocessing.paper
        package var reuse = ReuseLevel.exact
        /// How steps of the other levels are computed.
        package var precision = PrecisionChoice.auto
        /// The file of each video's result, from which an evaluation resumes.
        package var results: String?
        /// Whether the confusion matrix is wanted, which only a list with one class a video has.
        package var needsConfusion = false
        package var threads = inferenceThreads()

        package init(model: String, lists: [String]) {
            self.model = model
            self.lists = lists
        }
    }

    private let options: Options

    package init(_ options: Options) { self.options = options }

    /// - Parameters:
    ///   - progress: gets a line for people.
    ///   - warn: gets a warning about a video.
    /// - Returns: a report for each list.
    ///
    /// - Throws: `CheckpointError`, or `OperationError` if a list is invalid or a video is missing.
    package func run(
        progress: (String) -> Void = { _ in },
        warn: (String) -> Void = { _ in }
    ) throws -> [DataSetReport] {
        LibAVLog.mute()
        let (lists, classes) = try load()
        let videos = lists.enumerated().flatMap { list, file in
            file.videos.map { DataSetOutcome.Video(list: list, path: $0.path, labels: $0.labels) }
        }
        if let list = lists.first(where: \.isMultiLabel), options.needsConfusion {
            throw OperationError(
                "\(list.path): its videos have several classes, so none is taken for another; leave out --confusion"
            )
        }
        let places = try videos.map { try place(of: $0, in: lists) }
        let loaded = try LoadedModel.load(options.model, precision: options.precision)
        var results: DataSetResults?
        if let path = options.results {
            results = try DataSetResults(path: path, head: head(loaded, lists, classes), classes: classes.count)
        }
        let earlier = results?.earlier ?? [:]
        let open = videos.indices.filter { earlier[videos[$0]] == nil }
        let embeddings = try loaded.embeddings(of: [classes], threads: options.threads)[0]

        var tallies = lists.map { DataSetTally(classes: classes.count, isMultiLabel: $0.isMultiLabel) }
        for video in videos {
            guard let outcome = earlier[video] else { continue }
            tallies[video.list].add(labels: video.labels, ranked: outcome.ranked, all: outcome.all)
        }
        let work = DataSetWork(
            items: open.map { (videos[$0], places[$0]) },
            model: loaded.model,
            classes: embeddings,
            multiLabelLists: Set(lists.indices.filter { lists[$0].isMultiLabel }),
            options: options
        )
        let clock = ContinuousClock()
        let start = clock.now
        var done = 0
        try work.run { outcome in
            done += 1
            try results?.append(outcome.line)
            if let error = outcome.error {
                tallies[outcome.video.list].unreadable += 1
                warn(error)
            } else {
                let video = outcome.video
                tallies[video.list].add(labels: video.labels, ranked: outcome.ranked, all: outcome.all)
            }
            if outcome.damaged > 0 { warn(VideoPictures.damaged(outcome.video.path, count: outcome.damaged)) }
            progress(Self.line(done, of: open.count, tallies, after: (clock.now - start) / .seconds(1)))
        }
        let seconds = (clock.now - start) / .seconds(1)
        return zip(lists, tallies).map { list, tally in
            DataSetReport(
                list: list.path,
                classes: classes,
                tally: tally,
                options: options,
                model: loaded.model,
                rate: done > 0 ? Double(done) / seconds : nil
            )
        }
    }

    private func load() throws(OperationError) -> ([DataSetFile], [String]) {
        do throws(ConfigurationError) {
            var classes: [String]?
            if let path = options.classes { classes = try ClassesFile.load(path: path) }
            var lists: [DataSetFile] = []
            for path in options.lists {
                // Without a file, the first list's classes are those of all.
                let (list, names) = try DataSetFile.load(path: path, classes: classes)
                lists.append(list)
                classes = names
            }
            return (lists, classes ?? [])
        } catch {
            throw OperationError(error.description)
        }
    }

    /// Called for all videos before the first is read, so that a wrong root is reported at once, not after hours.
    private func place(of video: DataSetOutcome.Video, in lists: [DataSetFile]) throws(OperationError) -> String {
        let list = lists[video.list].path
        let root = root(of: list)
        let place = video.path.hasPrefix("/") || root.isEmpty ? video.path : root + "/" + video.path
        guard FileManager.default.fileExists(atPath: place) else {
            throw OperationError("\(list): there is no video \(place); give the directory of the videos as --root")
        }
        return place
    }

    /// The directory that a list's paths are relative to; empty for the working directory.
    private func root(of list: String) -> String { options.root ?? (list as NSString).deletingLastPathComponent }

    /// What the results depend on, so that nothing else resumes from them.
    private func head(_ loaded: LoadedModel, _ lists: [DataSetFile], _ classes: [String]) -> JSONLine {
        var line = JSONLine(type: "evaluation")
        line.add("model", loaded.directory)
        line.add("model_digest", loaded.digest)
        line.add("lists", lists.map(\.path))
        let directory = FileManager.default.currentDirectoryPath
        line.add(
            "roots",
            lists.map { list in
                let root = root(of: list.path)
                return URL(filePath: root.hasPrefix("/") ? root : directory + "/" + root).standardized.path
            }
        )
        line.add("classes", classes)
        line.add("views", options.views.description)
        line.add("preprocessing", options.preprocessing.rawValue)
        line.add("reuse", options.reuse.rawValue)
        if options.reuse != .exact { line.add("precision", loaded.model.precision.rawValue) }
        return line
    }

    private static func line(_ done: Int, of all: Int, _ tallies: [DataSetTally], after seconds: Double) -> String {
        let videos = tallies.reduce(0) { $0 + $1.videos }
        let right = tallies.reduce(0.0) { $0 + ($1.topOneShare ?? 0) * Double($1.videos) }
        let left = Int(seconds / Double(done) * Double(all - done) / 60) + 1
        let share = videos > 0 ? String(format: ", top-1 %.1f %%", 100 * right / Double(videos)) : ""
        return "video \(done) of \(all)\(share), \(left) min left"
    }
}
