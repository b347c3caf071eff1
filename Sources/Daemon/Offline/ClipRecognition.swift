import Capture
import Events
import Foundation
import Frames
public import Recognition
import XCLIP

/// Scores a video file as fast as it decodes: what `recognise` does.
public struct ClipRecognition {
    public struct Options: Sendable {
        public var video: String
        public var model: String
        public var labels: [String]
        public var background: [String] = []
        public var reuse: ReuseLevel = .exact
        public var window: Duration = .seconds(5)
        public var hop = 1
        public var threads = inferenceThreads()

        public init(video: String, model: String, labels: [String]) {
            self.video = video
            self.model = model
            self.labels = labels
        }
    }

    /// One scoring of a window.
    public struct Decision: Sendable {
        /// The presentation time of the window's newest frame, in seconds.
        public let time: Double
        public let frames: [Double]
        public let reuse: ReuseLevel
        /// One for each label asked for.
        public let labels: [String]
        public let logits: [Float]
        public let scores: [Double]

        /// The `scores` line of the socket protocol.
        public var json: String {
            let entries = labels.indices.map {
                ScoresRecord.Entry(label: labels[$0], logit: logits[$0], score: scores[$0])
            }
            return ScoresRecord(
                stream: nil,
                time: .media(time),
                frames: frames,
                reuse: reuse.rawValue,
                entries: entries
            ).line.text
        }
    }

    private let options: Options

    public init(_ options: Options) { self.options = options }

    /// Calls `body` with each decision, in order. `damage` gets the number of packets and pictures that did not decode whole,
    /// where there are any; `progress` gets the seconds decoded and the duration where it is known.
    ///
    /// - Throws: `CheckpointError`, `CaptureError`, or `OperationError` where the video is shorter than the window.
    public func run(
        progress: (Double, Double?) -> Void = { _, _ in },
        damage: (Int) -> Void = { _ in },
        _ body: (Decision) throws -> Void
    ) throws {
        LibAVLog.forward(upTo: .error) { _, _ in }
        let loaded = try LoadedModel.load(options.model)
        let model = loaded.model
        let rules = EventRules(threshold: 1, release: 1, minDuration: .zero, hold: .zero, cooldown: .zero)
        let specification = StreamSpecification(
            name: options.video,
            labels: options.labels.map { StreamSpecification.Label(name: $0, text: $0, rules: rules) },
            background: options.background,
            window: options.window,
            hop: options.hop,
            reuse: options.reuse
        )
        let interval = specification.interval(frames: model.configuration.frames)
        var source = try VideoSource(opening: sourceOptions(model, interval: interval), cancellation: Cancellation())
        let embeddings = try loaded.embeddings(of: [specification.texts], threads: options.threads)[0]
        let team = model.makeTeam(threads: options.threads)
        let encoder = FrameEncoder(model: model, team: team, batch: 1)
        let session = WindowSession(specification: specification, embeddings: embeddings, encoder: encoder)
        let pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: model.transform.byteCount)
        defer { pixels.deallocate() }
        var decisions = 0
        var lastTime: Double?
        while let frame = try source.next(into: pixels) {
            guard let base = pixels.baseAddress else { break }
            session.offer(frame, pixels: UnsafePointer(base))
            if options.reuse == .exact { encoder.encodeBatchToBlockZero() } else { encoder.encodeBatch() }
            lastTime = frame.time
            progress(frame.time, source.info.duration)
            guard session.decide() else { continue }
            decisions += 1
            try body(
                Decision(
                    time: frame.time,
                    frames: session.frameTimes,
                    reuse: options.reuse,
                    labels: options.labels,
                    logits: Array(session.logits.prefix(options.labels.count)),
                    scores: session.scores
                )
            )
        }
        let corrupt = source.statistics.corruptPackets + source.statistics.corruptFrames
        if corrupt > 0 { damage(corrupt) }
        if let broken = source.statistics.endedEarly { throw broken }
        if decisions == 0 {
            let length =
                lastTime.map { "its last sampled frame is at \(($0 * 100).rounded() / 100) s" } ?? "it has no frame"
            throw OperationError(
                "\(SourceURL.redacted(options.video)) is shorter than the window of \(options.window.seconds) s (\(length)); "
                    + "give a shorter --window"
            )
        }
    }

    /// A source's name without its credentials.
    public static func redacted(_ video: String) -> String { SourceURL.redacted(video) }

    private func sourceOptions(_ model: XCLIPModel, interval: Double) -> SourceOptions {
        var source = SourceOptions(url: options.video, transform: model.transform, interval: interval)
        source.pace = .asFast
        return source
    }
}
