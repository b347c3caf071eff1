/// A verb could not do what it was asked: one line that names the thing and the remedy. Exit code 1.
package struct OperationError: Error, Sendable, Equatable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
