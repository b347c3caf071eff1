import ConfigurationText
import Text

/// A value in force and its source.
struct EffectiveSetting: Sendable, Equatable {
    /// The full path of the key, such as `streams.door.window`.
    var path: String
    /// The value as people write it, without credentials.
    var value: String
    /// The place that set it; nil for a built-in default.
    var place: Place?
}

extension EffectiveSetting: CustomStringConvertible {
    var description: String { "\(path) = \(value)   (\(source))".escapingControlCharacters() }

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
