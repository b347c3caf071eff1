import Capture
import ConfigurationText
import Foundation
import Kernels
package import Models
import Recognition
package import Settings
package import Text

/// Measures the effect of examples on labels before they are used: what `teach` does.
package struct TeachingTrial {
    private let stream: StreamConfiguration
    private let model: String
    /// The label to report on; nil for all that have examples.
    private let label: String?
    /// Videos in which nothing happens, to see what the lesson does there.
    package var background: [String] = []
    package var threads = inferenceThreads()
    package var environment = ProcessInfo.processInfo.environment

    /// The examples of a configured stream: of the label of this name, or of all.
    ///
    /// - Throws: `OperationError` if there are none.
    package init(stream: StreamConfiguration, model: String, label: String?) throws(OperationError) {
        (self.stream, self.model, self.label) = (stream, model, label)
        let taught = stream.labels.filter { !$0.examples.isEmpty }.map(\.name)
        guard !taught.isEmpty else {
            throw OperationError(
                "no label of the stream \(stream.name) has examples; give a label some, as examples: [clip1.mp4, clip2.mp4], "
                    + "or name clips here"
            )
        }
        if let label, !taught.contains(label) {
            throw OperationError(
                "the stream \(stream.name) has no label \"\(label)\" with examples; there are \(taught.joined(separator: ", "))"
            )
        }
    }

    /// These clips as examples of a label, of this name or else with this text: in a configured stream among its other
    /// labels, its own examples put aside, or without one by itself with what the model says of its use.
    ///
    /// - Throws: `OperationError` if a clip cannot be read, or there are too few.
    package init(clips: [String], label: String, in stream: StreamConfiguration?, model: String) throws {
        guard clips.count >= LabelTeaching.leastExamples else {
            throw OperationError("one clip is too few, for each is held out once; give two or more")
        }
        var examples: [ExampleClip] = []
        for clip in clips {
            do throws(ExampleFile.Failure) {
                let digest = try ExampleFile.digest(of: clip, ifAbsent: "check the path")
                if let twin = examples.first(where: { $0.digest == digest }) {
                    throw ExampleFile.Failure(
                        message: "holds the same as \(twin.path)",
                        remedy: "give clips that differ: one that is held out must not be among the others"
                    )
                }
                examples.append(ExampleClip(path: clip, digest: digest, place: .file(clip)))
            } catch {
                throw OperationError("the example \(clip) \(error.message); \(error.remedy)")
            }
        }
        let options = try stream?.options ?? ModelDefaults.options(ofModel: model)
        var trial =
            stream
            ?? StreamConfiguration(name: "clips", url: StreamURL(clips[0]), labels: [], input: nil, options: options)
        if let index = trial.labels.firstIndex(where: { $0.name == label || $0.texts.contains(PlacedText(label)) }) {
            trial.labels[index].rules = options.rules(teaching: trial.labels[index])
            trial.labels[index].examples = examples
            self.label = trial.labels[index].name
        } else {
            if let fault = TextRules.label(label) {
                throw OperationError("the label \(fault.message); \(fault.remedy)")
            }
            trial.labels.append(
                LabelConfiguration(
                    name: label,
                    texts: [PlacedText(label)],
                    rules: trial.options.rules,
                    examples: examples
                )
            )
            self.label = label
        }
        (self.stream, self.model) = (trial, model)
    }

    /// - Throws: `CheckpointError`, `ConfigurationError` if an example of the configuration cannot be used, or `OperationError`
    ///   if a video that was named here cannot.
    package func run(progress: (String) -> Void = { _ in }) throws -> [TeachingReport] {
        LibAVLog.mute()
        let loaded = try LoadedModel.load(model, frames: stream.options.frames, precision: stream.options.precision)
        let embeddings = try loaded.embeddings(of: stream.specification, threads: threads)
        let teacher = StreamTeacher(loaded, threads: threads, cache: loaded.exampleCache(environment))
        let lessons: [StreamTeacher.Lesson]
        do throws(ConfigurationError) {
            lessons = try teacher.lessons(for: stream, embeddings, background: background, progress: progress)
        } catch {
            // What a configuration names has a place in it. The rest is wrong input, not a wrong configuration.
            let isInput = error.diagnostics.allSatisfy { if case .file = $0.place { true } else { false } }
            guard isInput else { throw error }
            throw OperationError(error.description)
        }
        return lessons.filter { label == nil || stream.labels[$0.label].name == label }.map {
            TeachingReport(stream: stream, lesson: $0)
        }
    }
}
