/// Why a model could not be fetched or found: the place, the fault and the remedy. One line, without secrets.
package struct ModelHubError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// An invalid name, address or variable.
        case invalid
        /// The hub could not be reached, or the connection broke for good.
        case unreachable
        /// The hub needs a token, or another one.
        case unauthorized
        /// Its conditions must be accepted first.
        case gated
        case notFound
        /// The hub gave an unexpected answer.
        case unexpected
        /// The data differ from what the hub announced.
        case damaged
        /// No room, or no permission to write.
        case storage
    }

    package let code: Code
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
