import ConfigurationText
import Models
import Settings
import Text
import Tuning

extension ProposedPatch {
    /// The diff goes to terminals, into files that others may read and into tickets, so it holds none of the file's secrets: a
    /// line with one is no context, and a label on such a line is refused.
    ///
    /// - Parameters:
    ///   - changes: of a stream's labels.
    ///   - file: the configuration file, which is read again.
    ///   - stream: the stream's name.
    ///   - environment: what `${NAME}` in the file stands for.
    /// - Throws: `ConfigurationError` if the file cannot be read any more.
    init(_ changes: [Change], to file: String, stream: String, environment: [String: String]) throws {
        let text = try TextFile.load(file, limit: Configuration.fileLimit)
        let decode = { (text: String) in
            try? Configuration.decode(
                text,
                file: file,
                environment: environment,
                modelDefaults: ModelDefaults.ofModel
            )
        }
        let redaction = Redaction(secrets: decode(text)?.secrets.values ?? [])
        let isSecret = { (line: Substring) in redaction.redact(String(line)) != line }
        let editor = ThresholdEditor(stream: stream, file: file, decode: decode)
        var (edited, refused) = (text, Set<Int>())
        for change in changes {
            let wanted = ThresholdEditor.Change(
                label: change.label,
                threshold: change.threshold,
                release: change.release
            )
            let (next, failed) = editor.apply([wanted], to: edited)
            // What the edit changes is in the diff, also if a password is on the same line.
            if failed.isEmpty, !UnifiedDiff.changedLines(from: edited, to: next).contains(where: isSecret) {
                edited = next
            } else {
                refused.insert(change.label)
            }
        }
        self.init(
            diff: UnifiedDiff.text(from: text, to: edited, name: file, hides: isSecret),
            refused: refused
        )
    }
}
