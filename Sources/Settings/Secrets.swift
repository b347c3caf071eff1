/// The values that `${NAME}` was found to stand for. Printing them, by any means, gives only their number.
package struct Secrets: Sendable, Equatable {
    /// The values, in each spelling that may turn up in a message.
    package private(set) var values: [String] = []

    package init() {}

    mutating func insert(_ value: String) {
        if !value.isEmpty, !values.contains(value) {
            values.append(value)
        }
    }
}

extension Secrets: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(values.count) secrets" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [("count", values.count)]) }
}
