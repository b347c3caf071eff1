/// A header of a request. Its value may be a secret, which printing it does not show.
package struct HTTPHeader: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// As a request has it.
    package var line: String { "\(name): \(value)" }
}

extension HTTPHeader: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(name): ***" }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
