import Text

/// Why a camera gave no stream: what failed, where, and the remedy, in one line without secrets.
package struct CameraError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The camera's address did not answer.
        case unreachable
        /// It rejects the user name and password, or demands them.
        case unauthorized
        /// It answers with something that is not ONVIF, or more than it should.
        case unexpected
        /// It has no stream that could be watched.
        case noStream
        /// The network could not be searched.
        case network
        case cancelled
    }

    package let code: Code
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message.escapingControlCharacters()
    }

    package var description: String { message }
}
