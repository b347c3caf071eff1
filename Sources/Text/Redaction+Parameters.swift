extension Redaction {
    /// Hides the values of parameters: in a URL all but harmless ones, in other text those whose name suggests a secret.
    static func redactingParameters(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "=")) || bytes.contains(UInt8(ascii: "?")) else { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while !rest.isEmpty {
            let word = rest.prefix { !$0.endsWord }
            output += redactingWord(word)
            rest = rest[word.endIndex...]
            let gap = rest.prefix { $0.endsWord }
            output += gap
            rest = rest[gap.endIndex...]
        }
        return output
    }

    private static func redactingWord(_ word: ArraySlice<UInt8>) -> [UInt8] {
        let query = word.firstIndex(of: UInt8(ascii: "?"))
        if let scheme = word.indices.first(where: { word[$0...].starts(with: "://".utf8) }) {
            let rest = word[(scheme + 3)...]
            // Some cameras keep parameters in the path, joined by underscores.
            let path = rest.prefix { $0 != UInt8(ascii: "?") }
            let head = Array(word[..<rest.startIndex]) + redactingPath(path)
            return path.endIndex == word.endIndex
                ? head : head + [UInt8(ascii: "?")] + redactingQuery(word[(path.endIndex + 1)...], hidesBareItems: true)
        }
        if let query, word[query...].contains(UInt8(ascii: "=")) {
            return Array(word[...query]) + redactingQuery(word[(query + 1)...], hidesBareItems: false)
        }
        return redactingPlainWord(word)
    }

    private static func redactingPath(_ path: ArraySlice<UInt8>) -> [UInt8] {
        guard path.contains(UInt8(ascii: "=")) else { return Array(path) }
        let segments = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return Array(segments.map { redactingPairs($0, joinedByUnderscores: true) }.joined(separator: "/".utf8))
    }

    /// - Parameter hidesBareItems: whether what has no `=` is hidden too: `?abc` may be a key.
    private static func redactingQuery(_ query: ArraySlice<UInt8>, hidesBareItems: Bool) -> [UInt8] {
        var output: [UInt8] = []
        for (index, part) in query.split(separator: UInt8(ascii: "?"), omittingEmptySubsequences: false).enumerated() {
            if index > 0 { output.append(UInt8(ascii: "?")) }
            if part.contains(UInt8(ascii: "=")) || !hidesBareItems || HarmlessParameter.isBare(part) {
                output += redactingPairs(part, joinedByUnderscores: false)
            } else {
                output += mask
            }
        }
        return output
    }

    /// Hides the values of `name=value&name=value`. A hidden value reaches to the next `&` or `;`.
    private static func redactingPairs(_ text: ArraySlice<UInt8>, joinedByUnderscores: Bool) -> [UInt8] {
        var output: [UInt8] = []
        var rest = text
        while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
            let name = rest[..<equals].reversed().prefix { !isSeparator($0) }.reversed()
            output += rest[...equals]
            rest = rest[(equals + 1)...]
            let value = rest.prefix { !isSeparator($0) }
            let shown = HarmlessParameter.shownValue(
                name: String(decoding: name, as: UTF8.self),
                value,
                joinedByUnderscores: joinedByUnderscores
            )
            output += shown ?? (value.isEmpty ? [] : mask[...])
            rest = rest[(shown?.endIndex ?? value.endIndex)...]
        }
        return output + rest
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "&") || byte == UInt8(ascii: ";") }

    /// `name=value` in running text.
    private static func redactingPlainWord(_ word: ArraySlice<UInt8>) -> [UInt8] {
        guard let equals = word.firstIndex(of: UInt8(ascii: "=")), equals + 1 < word.endIndex else {
            return Array(word)
        }
        let name = String(decoding: word[..<equals], as: UTF8.self).lowercased()
        let parts = name.split { !$0.isLetter && !$0.isNumber }
        guard parts.contains(where: { isSecret(String($0)) }) || isSecret(parts.joined()) else { return Array(word) }
        return word[...equals] + mask
    }

    private static let secretNames: Set<String> = [
        "pass", "passwd", "passwort", "password", "passphrase", "pas", "psw", "psd", "pwd", "pw", "loginpas",
        "loginpass", "token", "accesstoken", "auth", "authorization", "authorisation", "authbasic", "key", "apikey",
        "secret", "sig",
        "signature", "credential", "credentials", "jwt", "session", "sessionid", "sid", "nonce", "ticket",
    ]

    private static func isSecret(_ name: String) -> Bool { secretNames.contains(name) || name.hasSuffix("password") }
}
