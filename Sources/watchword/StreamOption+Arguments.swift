import ArgumentParser
import Settings
import Text

extension ArgumentHelp {
    /// The help of an option that overrides a key of `defaults:`: the key's meaning, range and built-in default.
    ///
    /// - Parameters:
    ///   - key: the key in the configuration.
    ///   - valueName: what stands for the value in the help, such as `time`.
    ///   - condition: what the option goes with, such as `With --events`; nil for none.
    static func overriding(_ key: String, _ valueName: String, condition: String? = nil) -> ArgumentHelp {
        let option = StreamOption(key)
        let condition = condition.map { "\($0): " } ?? ""
        let text: String = "\(condition)\(option.description) (default: the model's own, or \(option.defaultText))"
        return ArgumentHelp(text, valueName: valueName)
    }
}

extension StreamOptions {
    /// Overrides keys with the texts of the command line. A key without a text keeps its value.
    ///
    /// - Parameter texts: by the key's name in the configuration; messages name the option, `--min-duration`.
    /// - Throws: `ValidationError` for a text that the configuration would refuse.
    mutating func override(_ texts: KeyValuePairs<String, String?>) throws {
        for (key, text) in texts {
            guard let text else { continue }
            try set(key, to: text, source: "--" + key.replacing("_", with: "-"))
        }
    }

    fileprivate mutating func set(_ key: String, to text: String, source: String) throws {
        do throws(OperationError) {
            try StreamOption(key).set(text, in: &self, source: source)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}

/// Reads windows with commas between them: 3s,5s,8s.
func windowList(_ text: String) throws -> [Duration] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
        var options = StreamOptions()
        try options.set("window", to: String(part), source: "a window")
        return options.window
    }
}
