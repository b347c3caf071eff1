/// A verb could not do what it was asked: one line that names the thing and the remedy. Exit code 1.
public struct OperationError: Error, Sendable, Equatable, CustomStringConvertible {
    public let message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}
