/// The values that `${NAME}` was found to stand for. Printing them, by any means, gives only their number.
public struct Secrets: Sendable, Equatable {
    /// The values, in each spelling that may turn up in a message.
    public private(set) var values: [String] = []

    public init() {}

    mutating func insert(_ value: String) {
        if !value.isEmpty, !values.contains(value) {
            values.append(value)
        }
    }
}

extension Secrets: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(values.count) secrets" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [("count", values.count)]) }
}
