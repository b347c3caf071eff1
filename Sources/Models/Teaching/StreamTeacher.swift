import Capture
package import ConfigurationText
import Foundation
import Recognition
package import Settings
package import XCLIP

/// Teaches the labels of streams that have examples.
package struct StreamTeacher {
    /// The result of teaching one label.
    package struct Lesson {
        package let label: Int
        let clips: [ExampleClip]
        let teaching: LabelTeaching
    }

    private let model: XCLIPModel
    private let encoder: FrameEncoder
    private let cache: ExampleCache?

    /// - Parameter cache: keeps the features of the clips; nil for none.
    package init(_ loaded: LoadedModel, threads: Int, cache: ExampleCache?) {
        model = loaded.model
        encoder = FrameEncoder(model: model, team: model.makeTeam(threads: threads), batch: 1)
        self.cache = cache
    }

    /// - Parameters:
    ///   - stream: whose labels have examples.
    ///   - embeddings: of the stream's texts.
    ///   - background: videos in which nothing happens, for what the lessons do there.
    ///   - progress: gets the name of each clip.
    /// - Throws: `ConfigurationError` that names each example that cannot be used.
    package func lessons(
        for stream: StreamConfiguration,
        _ embeddings: LabelEmbeddings,
        background: [String] = [],
        progress: (String) -> Void = { _ in }
    ) throws(ConfigurationError) -> [Lesson] {
        let specification = stream.specification
        let scorer = WindowScorer(
            model: model,
            labels: embeddings,
            groups: specification.textGroups,
            team: encoder.team
        )
        let encoding = ExampleEncoder(model: model, encoder: encoder, scorer: scorer)
        var examples: [[ExampleEncoder.Features]] = []
        var diagnostics: [Diagnostic] = []
        for label in stream.labels {
            examples.append([])
            for clip in label.examples {
                progress((clip.path as NSString).lastPathComponent)
                do throws(CaptureError) {
                    examples[examples.count - 1].append(try features(of: clip, on: stream, encoding))
                } catch {
                    let message = "the example \(clip.path) cannot be used: \(error.message)"
                    diagnostics.append(Diagnostic(clip.place, message, remedy: "name a video that ffprobe can read"))
                }
            }
        }
        var quiet: [WindowFeatures] = []
        for video in background {
            progress((video as NSString).lastPathComponent)
            do throws(CaptureError) { quiet += try encoding.windows(of: video, on: stream) } catch {
                let message = "the background \(video) cannot be used: \(error.message)"
                diagnostics.append(Diagnostic(.file(video), message, remedy: "name a video that ffprobe can read"))
            }
        }
        guard diagnostics.isEmpty else { throw ConfigurationError(diagnostics) }
        let layout = specification.logitLayout
        let view = { (features: WindowFeatures, label: Int) in
            LabelTeaching.View(
                features,
                logits: scorer.logits(of: features),
                label: label,
                layout: layout,
                neutralSize: stream.neutralSize
            )
        }
        return stream.labels.indices.filter { !examples[$0].isEmpty }.map { label in
            let others = examples.indices.filter { $0 != label }.flatMap { examples[$0] }
            return Lesson(
                label: label,
                clips: stream.labels[label].examples,
                teaching: LabelTeaching(
                    clips: examples[label].map {
                        LabelTeaching.Clip(shown: view($0.shown, label), still: view($0.still, label))
                    },
                    others: others.map { view($0.shown, label) },
                    background: quiet.map { view($0, label) },
                    scale: Double(model.scale)
                )
            )
        }
    }

    private func features(
        of clip: ExampleClip,
        on stream: StreamConfiguration,
        _ encoding: ExampleEncoder
    ) throws(CaptureError) -> ExampleEncoder.Features {
        let make = { () throws(CaptureError) in try encoding.features(of: clip.path, on: stream) }
        guard let cache else { return try make() }
        return try cache.features(of: clip, on: stream, model: model.configuration, make: make)
    }
}

extension LoadedModel {
    /// The embeddings of each stream's texts, its labels taught by their examples.
    ///
    /// - Parameter warn: gets a warning of each label whose examples are refused.
    /// - Throws: `CheckpointError`, or `ConfigurationError` if an example cannot be used or two labels are the same to the
    ///   model.
    package func embeddings(
        ofStreams streams: [StreamConfiguration],
        threads: Int,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        warn: (String) -> Void = { _ in }
    ) throws -> [LabelEmbeddings] {
        try requireDistinctLabels(streams)
        let texts = try embeddings(of: streams.map(\.specification.texts), threads: threads)
        guard streams.contains(where: \.hasExamples) else { return texts }
        let teacher = StreamTeacher(self, threads: threads, cache: exampleCache(environment))
        return try zip(streams, texts).map { stream, texts in
            guard stream.hasExamples else { return texts }
            let lessons = try teacher.lessons(for: stream, texts)
            for lesson in lessons where lesson.teaching.refusal != nil {
                warn(
                    "the examples of \(stream.labels[lesson.label].name) on \(stream.name) are refused, its text decides alone: "
                        + "`watchword teach` shows why"
                )
            }
            return texts.teaching(
                Dictionary(uniqueKeysWithValues: lessons.map { ($0.label, $0.teaching.taught) })
            )
        }
    }

    /// Nil if no place for it is known, or the model had just changed when it was loaded.
    package func exampleCache(_ environment: [String: String]) -> ExampleCache? {
        guard let version, let directory = ExampleCache.directory(environment) else { return nil }
        return ExampleCache(directory: directory, modelVersion: version)
    }
}

extension StreamConfiguration {
    package var hasExamples: Bool { labels.contains { !$0.examples.isEmpty } }
}
