/// The values that `${NAME}` was replaced with. Printing them, by any means, shows only their number.
package struct Secrets: Sendable, Equatable {
    /// The values, in each spelling that a message may contain.
    package private(set) var values: [String] = []

    package init() {}

    mutating func insert(_ others: Secrets) {
        for value in others.values { append(value) }
    }

    /// A file may have it in YAML's quotes, where some characters are written otherwise.
    mutating func insert(_ value: String) {
        append(value)
        append(value.replacing("'", with: "''"))
        append(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))
    }

    private mutating func append(_ spelling: String) {
        if !spelling.isEmpty, !values.contains(spelling) { values.append(spelling) }
    }
}

extension Secrets: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(values.count) secrets" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [("count", values.count)]) }
}
