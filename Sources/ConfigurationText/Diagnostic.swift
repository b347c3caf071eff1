import Text

/// The place of a value: in the file, in the environment, or the file as a whole.
package enum Place: Sendable, Equatable {
    case file(String)
    /// Line and column start at 1. The column counts Unicode scalars, as libyaml does.
    case position(file: String, line: Int, column: Int)
    /// The name of an environment variable.
    case variable(String)
}

extension Place: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let file): file
        case .position(let file, let line, let column): "\(file):\(line):\(column)"
        case .variable(let name): name
        }
    }
}

extension Place: Comparable {
    /// The order in which people read: the file from its top, then the environment by name.
    package static func < (left: Place, right: Place) -> Bool {
        switch (left, right) {
        case (.position(_, let line, let column), .position(_, let otherLine, let otherColumn)):
            (line, column) < (otherLine, otherColumn)
        case (.variable(let name), .variable(let other)): name < other
        case (.file(let name), .file(let other)): name < other
        default: left.rank < right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .file: 0
        case .position: 1
        case .variable: 2
        }
    }
}

/// An error in what an operator wrote: its place, what is wrong, what to do. It holds no expanded secret.
package struct Diagnostic: Sendable, Equatable {
    package var place: Place
    package var message: String
    package var remedy: String

    package init(_ place: Place, _ message: String, remedy: String) {
        self.place = place
        self.message = message
        self.remedy = remedy
    }
}

extension Diagnostic: CustomStringConvertible {
    /// One line; control characters are escaped.
    package var description: String { "\(place): \(message); \(remedy)".escapingControlCharacters() }
}

/// All errors in a configuration or a label file, in file order. The program exits with 78.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    /// A line for each diagnostic.
    package var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
