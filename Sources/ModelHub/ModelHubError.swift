/// Why a model could not be fetched or found: what is wrong, where, and what would help. One line, without secrets.
package struct ModelHubError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// A name, an address or a variable that cannot be meant.
        case invalid
        /// The hub could not be reached, or the connection broke and did not come back.
        case unreachable
        /// The hub wants a token, or another one.
        case unauthorized
        /// Its conditions must be accepted first.
        case gated
        case notFound
        /// The hub answered with something else than it should.
        case unexpected
        /// What came is not what the hub announced.
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
