import Events
import Recognition
package import Settings
import System
import XCLIP

extension LoadedModel {
    /// For each label that the model scores, a digest of all that its lead depends on: the model, the label's texts and
    /// examples, what it is measured against, and how the stream's pictures come before the model.
    ///
    /// The model counts by its samples (`ModelDigest`): one that is copied, or installed again, keeps its history, and so may
    /// one of which only a few matrices have changed.
    ///
    /// - Parameter modelDigest: `digest`.
    package func historyKeys(of stream: StreamConfiguration, modelDigest: String) -> [String] {
        let specification = stream.specification
        let precision = specification.precision(of: model)
        let seen =
            "\(stream.window) \(model.configuration.frames) \(String(describing: stream.crop)) \(stream.masks) \(stream.view) "
            + "\(stream.reuse.rawValue)\(precision == .float32 ? "" : " \(precision.rawValue)")"
        // Labels that share a score of 1 depend on one another.
        let others = stream.scoring == .exclusive ? specification.labels.flatMap(\.texts) : []
        return zip(stream.labels, specification.labels).map { configured, label in
            let parts: [[String]] = [
                ["1", modelDigest, seen, stream.scoring.rawValue], label.texts, [label.combination.rawValue],
                label.against,
                specification.neutral, ["\(specification.neutralSize)"], specification.background, others,
                configured.examples.map(\.digest),
            ]
            var digest = ContentDigest()
            // With their lengths, so that no two lists read the same.
            for part in parts {
                digest.add("\(part.count):")
                for text in part { digest.add("\(text.utf8.count):\(text)") }
            }
            return String(digest.finish().prefix(24))
        }
    }
}
