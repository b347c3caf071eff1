import ConfigurationText
import Models
import Settings
import Text
import Tuning

extension ProposedPatch {
    /// - Parameters:
    ///   - changes: of a stream's labels.
    ///   - file: the configuration file, which is read again.
    ///   - stream: the stream's name.
    ///   - environment: what `${NAME}` in the file stands for.
    /// - Throws: `ConfigurationError` if the file cannot be read any more.
    init(_ changes: [Change], to file: String, stream: String, environment: [String: String]) throws {
        let text = try TextFile.load(file, limit: Configuration.fileLimit)
        let editor = ThresholdEditor(stream: stream, file: file) { text in
            try? Configuration.decode(
                text,
                file: file,
                environment: environment,
                modelDefaults: ModelDefaults.ofModel
            )
        }
        let (edited, refused) = editor.apply(
            changes.map { .init(label: $0.label, threshold: $0.threshold, release: $0.release) },
            to: text
        )
        self.init(diff: UnifiedDiff.text(from: text, to: edited, name: file), refused: Set(refused.map(\.label)))
    }
}
