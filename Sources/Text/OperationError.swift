/// The failure of a command. The message is one line that names the object and the remedy. The exit code is 1.
package struct OperationError: Error, Sendable, Equatable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
