import ConfigurationText
import Text

/// The `WATCHWORD_SECTION_KEY` variables, which override the file.
struct EnvironmentOverrides {
    private static let prefix = "WATCHWORD_"

    private let variables: [String: String]

    init(_ environment: [String: String]) {
        variables = environment.filter { $0.key.hasPrefix(Self.prefix) }
    }

    static func name(section: String, key: String) -> String {
        "\(prefix)\(section.uppercased())_\(key.uppercased())"
    }

    /// The variable of a key as a node. Returns nil if it is not set, or if it cannot set this key and was reported.
    func node(section: String, key: String, isSingleValue: Bool, _ context: inout DecodingContext) -> SourceNode? {
        let name = Self.name(section: section, key: key)
        guard let value = variables[name] else { return nil }
        guard isSingleValue else {
            let message = "a variable cannot set this key"
            context.report(.variable(name), message, remedy: "set \(section).\(key) in the file")
            return nil
        }
        return SourceNode(content: .scalar(value, isPlain: true), place: .variable(name))
    }

    /// Whether a variable sets any of these keys.
    func hasVariable(of section: String, _ keys: [String]) -> Bool {
        keys.contains { variables[Self.name(section: section, key: $0)] != nil }
    }

    /// Reports variables that begin with a section's prefix but name none of its keys. Other variables, such as
    /// `WATCHWORD_SOCKET`, do not belong to the configuration.
    func unknown() -> [Diagnostic] {
        Schema.sections.flatMap { section, keys in
            let prefix = Self.name(section: section, key: "")
            let isList = section == "streams" || section == "webhooks"
            let known = isList ? [] : keys.map { Self.name(section: section, key: $0) }
            return variables.keys.filter { $0.hasPrefix(prefix) && !known.contains($0) }.map { name in
                let remedy =
                    known.isEmpty
                    ? "set it in the file, where ${NAME} reads a variable"
                    : SpellingSuggestion.remedy(for: name, among: known, noun: "variables")
                return Diagnostic(.variable(name), "this variable sets nothing", remedy: remedy)
            }
        }
    }
}
