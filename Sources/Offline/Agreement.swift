import Capture
import Events
import Frames
import Kernels
import Models
import Recognition
package import Settings
import System
import XCLIP

/// Compares reuse levels with the published model on the same windows: what `eval --agreement` does.
///
/// Confirm and audit are off: nothing exact is written back, so that drift develops in full.
package struct Agreement {
    /// A level that is compared with `exact`.
    package enum Level: String, Sendable, CaseIterable {
        case exact
        case sweep
        case cached
        /// Each frame's messages attend only to themselves: the baseline for the others.
        case alone = "self"

        var reuse: ReuseLevel {
            switch self {
            case .exact: .exact
            case .sweep: .sweep
            case .cached, .alone: .cached
            }
        }
        var reach: FrameMemory.Reach { self == .alone ? .itself : .window }
    }

    package struct Options: Sendable {
        package var model: String
        package var videos: [String]
        package var labels: [String]
        package var levels: [Level] = [.sweep, .cached]
        /// The daemon's settings of a stream; `reuse`, `confirm` and `audit` are not used.
        package var stream = StreamOptions()
        package var threads = inferenceThreads()

        package init(model: String, videos: [String], labels: [String]) {
            self.model = model
            self.videos = videos
            self.labels = labels
        }
    }

    private let options: Options

    package init(_ options: Options) { self.options = options }

    /// - Parameters:
    ///   - progress: gets a line for people.
    ///   - warn: gets a warning about the input.
    /// - Returns: a report for each level, in the order of the options.
    /// - Throws: `CheckpointError`, `CaptureError`, or `OperationError` if a video is shorter than the window.
    package func run(
        progress: (String) -> Void = { _ in },
        warn: (String) -> Void = { _ in }
    ) throws -> [AgreementReport] {
        LibAVLog.mute()
        let loaded = try LoadedModel.load(options.model, precision: options.stream.precision)
        let interval = specification(.exact).interval(frames: loaded.model.configuration.frames)
        for video in options.videos { _ = try pictures(video, loaded.model, interval) }
        let embeddings = try loaded.embeddings(of: specification(.exact), threads: options.threads)
        let team = loaded.model.makeTeam(threads: options.threads)
        let encoder = FrameEncoder(model: loaded.model, team: team, batch: options.stream.view.mostParts)
        let step = Double(options.stream.hop) * interval
        let rules = options.labels.map(options.stream.rules(of:))
        var reports = options.levels.map {
            AgreementReport(level: $0, model: loaded.model.name, labels: options.labels.count, step: step)
        }
        for (index, video) in options.videos.enumerated() {
            let place = options.videos.count > 1 ? ", video \(index + 1) of \(options.videos.count)" : ""
            let lane = { (level: Level) in
                AgreementLane(specification(level.reuse), embeddings: embeddings, encoder: encoder, reach: level.reach)
            }
            var (exact, lanes) = (lane(.exact), options.levels.map(lane))
            var clock = StreamClock(interval: interval)
            var lastTime: Double?
            var pictures = try pictures(video, loaded.model, interval)
            let duration = pictures.duration
            try pictures.forEach(damage: { warn(VideoPictures.damaged(video, count: $0)) }) { frame, pixels in
                let time = clock.time(of: frame)
                let decided = exact.step(frame, pixels: pixels, at: .seconds(time))
                for level in lanes.indices {
                    let same = lanes[level].step(frame, pixels: pixels, at: .seconds(time))
                    precondition(same == decided, "all levels decide on the same windows")
                    if decided { reports[level].add(lanes[level], beside: exact, rules) }
                }
                lastTime = frame.time
                progress(VideoPictures.progress(time, of: duration) + place)
            }
            guard !exact.trace.times.isEmpty else {
                throw VideoPictures.tooShort(video, window: options.stream.window, lastTime: lastTime)
            }
            for level in reports.indices {
                reports[level].addEvents(lanes[level], beside: exact, rules)
            }
        }
        return reports
    }

    private func specification(_ reuse: ReuseLevel) -> StreamSpecification {
        var stream = options.stream
        stream.reuse = reuse
        stream.confirm = false
        stream.audit = 0
        return stream.specification(
            name: "eval",
            labels: options.labels.map { StreamSpecification.Label(name: $0, text: $0, rules: stream.rules(of: $0)) }
        )
    }

    private func pictures(_ video: String, _ model: XCLIPModel, _ interval: Double) throws -> VideoPictures {
        try VideoPictures(
            video,
            transform: model.transform,
            interval: interval,
            view: options.stream.view,
            decodeThreads: 1
        )
    }
}
