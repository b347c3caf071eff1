/// The values that `${NAME}` was replaced with. Printing them, by any means, shows only their number.
package struct Secrets: Sendable, Equatable {
    /// The values, in each spelling that a message may contain.
    package private(set) var values: [String] = []

    package init() {}

    mutating func insert(_ others: Secrets) {
        for value in others.values { insert(value) }
    }

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
