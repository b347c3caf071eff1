package import Checkpoints
package import ConfigurationText
import Foundation
package import Settings
package import Text
import XCLIP

/// How a model reads label texts: which of them are one and the same to it, which it cuts, and which have a plainer form.
/// Loads the tokenizer only.
package struct LabelReading {
    private let tokenizer: Tokenizer
    /// The tokens that a text may have, start and end included.
    private let limit: Int

    /// - Parameter directory: the model's.
    /// - Throws: `CheckpointError` with the file and the remedy.
    package init(directory: String) throws(CheckpointError) {
        tokenizer = try Tokenizer(directory: directory)
        limit = try XCLIPConfiguration(path: directory + "/config.json").textPositions
    }

    /// The texts of each stream's labels that are the same to the model: those of two labels would share a score, two of one
    /// label would count twice, and a text against its own label would hold it down for ever.
    package func conflicts(in streams: [StreamConfiguration]) -> [Diagnostic] {
        streams.flatMap { stream in
            let texts = stream.labels.flatMap(\.texts)
            // A text against one label may well be another label, or against several.
            let competing = stream.labels.flatMap { label in
                pairs((label.texts + label.against).map(\.text)).filter { $0.second >= label.texts.count }.map {
                    ((label.texts + label.against)[$0.first], label.against[$0.second - label.texts.count])
                }
            }
            let shared = pairs(texts.map(\.text)).map { (texts[$0.first], texts[$0.second]) }
            return shared.map { conflict(of: $1, with: $0, noun: "label", stream.name) }
                + competing.map { conflict(of: $1, with: $0, noun: "text against it", stream.name) }
        }
    }

    private func conflict(
        of later: PlacedText,
        with earlier: PlacedText,
        noun: String,
        _ stream: String
    ) -> Diagnostic {
        let place = earlier.place.map { " at \($0)" } ?? ""
        return Diagnostic(
            later.place ?? .file("streams.\(stream)"),
            "to the model, the \(noun) \(quoted(later.text)) is the same as "
                + "\(quoted(earlier.text))\(place)\(reason(later.text))",
            remedy: "remove one of the two, or word it differently"
        )
    }

    /// - Throws: `OperationError` if two of `texts` are the same to the model.
    package func requireDistinct(_ texts: [String]) throws(OperationError) {
        guard let (first, second) = pairs(texts).first else { return }
        throw OperationError(
            "to the model, the label \(quoted(texts[second])) is the same as \(quoted(texts[first]))"
                + "\(reason(texts[second])); remove one of the two, or word it differently"
        )
    }

    /// What the model does not read as it is written, in every text of each stream.
    package func warnings(in streams: [StreamConfiguration]) -> [Diagnostic] {
        streams.flatMap { stream in
            let others = (stream.options.background + stream.options.neutral).map { PlacedText($0) }
            return (stream.labels.flatMap { $0.texts + $0.against } + others).flatMap { placed in
                warnings(about: placed.text).map { message, remedy in
                    Diagnostic(placed.place ?? .file("streams.\(stream.name)"), message, remedy: remedy)
                }
            }
        }
    }

    /// What the model does not read as it is written in `text`.
    package func warnings(about text: String) -> [(message: String, remedy: String)] {
        var warnings: [(String, String)] = []
        if let read = tokenizer.cut(text, limit: limit) {
            warnings.append(
                (
                    "the model reads \(limit) tokens, and this text is cut after \"…\(read.suffix(30))\"",
                    "shorten it to what must be seen"
                )
            )
        }
        if let plain = PlainText.of(text), tokens(plain) != tokens(text) {
            warnings.append(
                (
                    "the model reads the typographic characters of \(quoted(text)) as others",
                    "write \(quoted(plain))"
                )
            )
        }
        return warnings
    }

    /// In quotes, as people would write it: Swift's own quoting escapes apostrophes.
    private func quoted(_ text: String) -> String { "\"\(text.escapingControlCharacters())\"" }

    private func tokens(_ text: String) -> [Int32] { tokenizer.encode(text, limit: limit) }

    private func reason(_ text: String) -> String {
        tokenizer.cut(text, limit: limit) == nil ? "" : ", because it reads only the first \(limit) tokens"
    }

    /// The places of equal texts, each with the first that it is equal to.
    private func pairs(_ texts: [String]) -> [(first: Int, second: Int)] {
        var seen: [[Int32]: Int] = [:]
        return texts.enumerated().compactMap { index, text in
            let tokens = tokens(text)
            guard let first = seen[tokens] else {
                seen[tokens] = index
                return nil
            }
            return (first, index)
        }
    }
}

extension LoadedModel {
    /// Refuses labels that are the same to the model.
    ///
    /// - Throws: `ConfigurationError` that names both places.
    package func requireDistinctLabels(_ streams: [StreamConfiguration]) throws {
        let conflicts = try LabelReading(directory: directory).conflicts(in: streams)
        guard conflicts.isEmpty else { throw ConfigurationError(conflicts) }
    }

    /// What the model does not read as the configuration has it.
    package func labelWarnings(_ streams: [StreamConfiguration]) -> [Diagnostic] {
        (try? LabelReading(directory: directory))?.warnings(in: streams) ?? []
    }
}
