/// Why a checkpoint cannot be used: what is wrong, in which file, and what would help. One line.
public struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case notFound, unreadable, truncated, malformed, missingTensor, wrongShape, unsupported
    }

    public let code: Code
    /// The file, and the tensor where one is meant.
    public let place: String
    public let message: String

    public init(_ code: Code, at place: String, _ message: String) {
        self.code = code
        self.place = place
        self.message = message
    }

    public var description: String { "\(place): \(message)" }
}
