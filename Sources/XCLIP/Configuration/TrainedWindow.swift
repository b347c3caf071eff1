public import Checkpoints
import Foundation

/// The stretch of time that a model's T frames were spread over in training.
public struct TrainedWindow: Sendable, Equatable {
    public let seconds: Double
    /// The directory's `watchword.json` says so; else it is what the published models were trained on.
    public let isStated: Bool

    /// Kinetics' clips last about 10 s, and the authors spread T frames over the whole clip.
    static let published = 10.0

    /// Reads `window`, in seconds, of `watchword.json` where `directory` has one.
    public init(directory: String) throws(CheckpointError) {
        let path = directory + "/watchword.json"
        guard FileManager.default.fileExists(atPath: path) else {
            (seconds, isStated) = (Self.published, false)
            return
        }
        let file = try JSONFile(path: path)
        seconds = try file.number("window", default: Self.published)
        isStated = file.has("window")
        guard seconds > 0, seconds <= 86400 else { throw file.wrong("window", "a number of seconds above 0") }
    }
}
