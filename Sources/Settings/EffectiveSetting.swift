import Text

/// One value in force and where it comes from.
package struct EffectiveSetting: Sendable, Equatable {
    /// The value's name from the top, such as `streams.door.window`.
    package var path: String
    /// As people would write it, credentials removed.
    package var value: String
    /// Where it was set; nil for a built-in default.
    package var place: Place?

    package init(path: String, value: String, place: Place?) {
        self.path = path
        self.value = value
        self.place = place
    }
}

extension EffectiveSetting: CustomStringConvertible {
    package var description: String { "\(path) = \(value)   (\(source))".escapingControlCharacters() }

    private var source: String {
        switch place {
        case nil: "default"
        case .file(let file): Self.lastComponent(of: file)
        case .position(let file, let line, _): "\(Self.lastComponent(of: file)):\(line)"
        case .variable(let name): name
        }
    }

    private static func lastComponent(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
