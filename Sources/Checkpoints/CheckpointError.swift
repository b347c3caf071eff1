/// Why a checkpoint cannot be used: the file, the fault and the remedy. One line.
package struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case notFound, unreadable, truncated, malformed, missingTensor, wrongShape, unsupported
    }

    package let code: Code
    /// The file, and the tensor if the error is about one.
    package let place: String
    package let message: String

    package init(_ code: Code, at place: String, _ message: String) {
        self.code = code
        self.place = place
        self.message = message
    }

    package var description: String { "\(place): \(message)" }
}
