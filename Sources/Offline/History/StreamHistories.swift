import ConfigurationText
import Models
import ScoreHistory
import Settings
import System
import Text

/// What the daemon's history has of a configured stream's labels, as they are now.
struct StreamHistories {
    /// One for each label; nil if nothing is kept of it.
    let labels: [LabelHistory?]

    /// - Throws: `CheckpointError` if the model cannot be read, `OperationError` if there is no history, or it has none of the
    ///   labels as they are now.
    init(
        _ stream: StreamConfiguration,
        model: String,
        journal: String,
        since: UTCTime,
        warn: (String) -> Void
    ) throws {
        let histories = try HistoryReader(HistoryPlace(besideJournal: journal)).read(stream.name, since: since) {
            warn("\($0) is damaged; what follows the damage is not read")
        }
        let loaded = try LoadedModel.load(model, frames: stream.options.frames, precision: stream.options.precision)
        let keys = loaded.historyKeys(of: stream, modelDigest: loaded.digest)
        labels = keys.map { histories[$0] }
        guard labels.contains(where: { $0 != nil }) else {
            throw OperationError(
                "the history of the stream \(stream.name) has nothing since \(since) of its labels as they are now: a label begins a "
                    + "new history when its text, the background, the window, the picture's crop or the model changes"
            )
        }
        for (label, history) in zip(stream.labels, labels) where history == nil {
            warn("the history has nothing of \(label.name) as it is now: it begins anew when a label changes")
        }
    }
}
