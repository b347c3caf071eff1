/// The words that switch something off. A key that has one takes all of them: YAML itself calls `off` and `no` false.
enum OffWord {
    static let words: Set<String> = ["off", "none", "false", "no"]
    /// What YAML 1.1 or 1.2 reads as a boolean. As a name, such a word is a mistake.
    private static let booleans: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n"]

    static func isOff(_ text: String) -> Bool { words.contains(text.lowercased()) }

    static func isBoolean(_ text: String) -> Bool { booleans.contains(text.lowercased()) }
}
