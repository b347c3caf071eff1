import Capture
import ConfigurationText
import Events
import Foundation
import Frames
import Kernels
import Models
import ONVIF
package import Recognition
package import Settings
package import Text
package import XCLIP

/// Scores a video file as fast as it decodes: what `recognise` does.
package struct ClipRecognition {
    package struct Options: Sendable {
        package var video: String
        package var model: String
        /// Labels and options; gate, confirm and audit are off, and signals are not watched.
        package var stream: StreamConfiguration
        /// Whether the stream is a configuration's: its errors are the configuration's, and its examples teach its labels.
        private(set) var isConfigured = false
        package var threads = inferenceThreads()

        /// With the defaults of the model, at `exact`, and of the picture the square that the published models are evaluated on.
        ///
        /// - Throws: `OperationError` if the model's own defaults are invalid.
        package init(video: String, model: String, labels: [String]) throws(OperationError) {
            self.video = video
            self.model = model
            let options = try ModelDefaults.options(ofModel: model)
            stream = StreamConfiguration(
                name: video,
                url: StreamURL(video),
                labels: labels.map {
                    LabelConfiguration(name: $0, texts: [PlacedText($0)], rules: options.rules(of: $0))
                },
                options: options
            )
            stream.options.reuse = .exact
            stream.options.view = .square
        }

        /// As a configured stream is scored, at `exact`.
        ///
        /// - Throws: `OperationError` if the model is asked about none of its labels.
        package init(video: String, model: String, stream: StreamConfiguration) throws(OperationError) {
            guard !stream.labels.isEmpty else {
                throw OperationError(
                    "the stream \(stream.name) watches the signal alone: it has no label in words to score"
                )
            }
            self.video = video
            self.model = model
            self.stream = stream
            self.stream.options.reuse = .exact
            isConfigured = true
        }
    }

    /// One scoring of a window.
    package struct Decision: Sendable {
        /// The presentation time of the window's newest frame, in seconds.
        package let time: Double
        package let frames: [Double]
        package let reuse: ReuseLevel
        /// One for each label asked for.
        package let labels: [String]
        package let logits: [Float]
        package let scores: [Double]
        /// For each label, what the texts that it depends on have by themselves.
        package let textLogits: [PictureWindow.TextLogits]

        /// The `scores` line of the socket protocol.
        package var json: String {
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

    package init(_ options: Options) { self.options = options }

    /// - Parameters:
    ///   - progress: gets a line for people.
    ///   - warn: gets a warning about the video.
    ///   - body: gets each decision, in order.
    /// - Throws: `CheckpointError`, `CaptureError`, or `OperationError` if the video is shorter than the window.
    package func run(
        progress: (String) -> Void = { _ in },
        warn: (String) -> Void = { _ in },
        _ body: (Decision) throws -> Void
    ) throws {
        LibAVLog.mute()
        let loaded = try LoadedModel.load(
            options.model,
            frames: options.stream.options.frames,
            precision: options.stream.options.precision
        )
        let model = loaded.model
        var stream = options.stream
        (stream.options.gate, stream.options.confirm, stream.options.audit) = (0, false, 0)
        stream.signals = []
        let specification = stream.specification
        let interval = specification.interval(frames: model.configuration.frames)
        let source = stream.recordingOptions(options.video, transform: model.transform, interval: interval)
        var pictures = try VideoPictures(source.resolved())
        let duration = pictures.duration
        let embeddings =
            try options.isConfigured
            ? loaded.embeddings(ofStreams: [stream], threads: options.threads)[0]
            : loaded.embeddings(of: specification, threads: options.threads)
        let names = stream.labels.map(\.name)
        let team = model.makeTeam(threads: options.threads)
        let encoder = FrameEncoder(model: model, team: team, batch: stream.view.mostParts)
        let session = PictureWindow(specification: specification, embeddings: embeddings, encoder: encoder)
        var decisions = 0
        var lastTime: Double?
        try pictures.forEach(damage: { warn(VideoPictures.damaged(options.video, count: $0)) }) { frame, pixels in
            encoder.encode(stream.reuse) { session.offer(frame, pixels: pixels, into: &$0) }
            lastTime = frame.time
            progress(VideoPictures.progress(frame.time, of: duration))
            guard session.decide() else { return }
            decisions += 1
            try body(
                Decision(
                    time: frame.time,
                    frames: session.frameTimes,
                    reuse: stream.reuse,
                    labels: names,
                    logits: session.logits,
                    scores: session.scores,
                    textLogits: names.indices.map { session.textLogits(ofLabel: $0) }
                )
            )
        }
        if let complaint = session.counts.complaint { throw OperationError(complaint) }
        if decisions == 0 {
            throw VideoPictures.tooShort(options.video, window: stream.window, lastTime: lastTime)
        }
    }
}
