/// Removes credentials from text: user and password in URLs, secret parameters, authorization headers and known
/// secrets. In doubt it removes too much rather than too little.
package struct Redaction: Sendable {
    /// The shortest secret that is removed by its literal text, in bytes. Shorter ones would remove ordinary words; the
    /// rules for URLs still apply to them.
    static let shortestSecret = 4
    package static let stand = "***"

    private static let secretNames = ["pass", "pwd", "token", "secret", "key", "auth", "sig", "cred"]

    /// Longest first, so that a secret within another one leaves no remainder.
    private var secrets: [String] = []

    package init(secrets: [String] = []) {
        add(secrets)
    }

    /// Adds secrets whose literal text is removed from now on.
    package mutating func add(_ more: [String]) {
        for secret in more where secret.utf8.count >= Self.shortestSecret && !secrets.contains(secret) {
            secrets.append(secret)
        }
        secrets.sort { $0.utf8.count > $1.utf8.count }
    }

    package func redact(_ text: String) -> String {
        var text = text
        for secret in secrets where text.contains(secret) {
            text = text.replacing(secret, with: Self.stand)
        }
        let lowercased = text.lowercased()
        guard text.contains("://") || text.contains("?") || lowercased.contains("authorization:") else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(redactLine).joined(separator: "\n")
    }

    private func redactLine(_ line: Substring) -> String {
        var output = ""
        var rest = line
        while !rest.isEmpty {
            let word = rest.prefix { !Self.endsWord($0) }
            rest = rest[word.endIndex...]
            output += redactWord(word)
            if word.lowercased().hasSuffix("authorization:") {
                return output + " " + Self.stand
            }
            if let separator = rest.popFirst() {
                output.append(separator)
            }
        }
        return output
    }

    private static func endsWord(_ character: Character) -> Bool {
        character.isWhitespace || character == "\"" || character == "'" || character == "<" || character == ">"
    }

    /// Redacts a word that may be a URL. A password may contain any character, so everything up to the last `@` is
    /// removed.
    private func redactWord(_ word: Substring) -> String {
        if let scheme = word.firstRange(of: "://") {
            let rest = word[scheme.upperBound...]
            let start = rest.lastIndex(of: "@") ?? rest.startIndex
            let user = start == rest.startIndex ? "" : Self.stand
            return word[..<scheme.upperBound] + user + redactParameters(rest[start...])
        }
        if let query = word.firstIndex(of: "?") {
            return word[...query] + redactParameters(word[word.index(after: query)...])
        }
        return String(word)
    }

    /// Removes the value of each `name=value` pair whose name suggests a secret. Some cameras keep such pairs in the
    /// path, so the whole URL is searched.
    private func redactParameters(_ text: Substring) -> String {
        var output = ""
        var rest = text
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].reversed().prefix { $0.isLetter || $0.isNumber || "_-.".contains($0) }
            let spelling = String(name.reversed()).lowercased()
            output += rest[...equals]
            rest = rest[rest.index(after: equals)...]
            if Self.secretNames.contains(where: spelling.contains) {
                let value = rest.prefix { !"&;/?".contains($0) }
                rest = rest[value.endIndex...]
                output += value.isEmpty ? "" : Self.stand
            }
        }
        return output + rest
    }
}
