/// Removes the secrets of URLs from texts.
package enum SourceURL {
    /// Replaces every secret in a text by `***`.
    ///
    /// Secrets are the user info of any URL (`rtsp://user:password@host`), the values of secret parameters (`token=`,
    /// `password=`, `key=` …) and the values of authorization headers.
    ///
    /// A password may contain any character, including unescaped `@`, `/`, `%`, `!` and spaces. If the end of a
    /// password is ambiguous, the longer match is removed.
    package static func redacted(_ text: String) -> String {
        var bytes = Array(text.utf8)
        redactUserInfo(&bytes)
        redactParameters(&bytes)
        redactHeaders(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let mask = Array("***".utf8)

    private static func redactUserInfo(_ bytes: inout [UInt8]) {
        var at = 0
        while at + 3 <= bytes.count {
            guard bytes[at...].starts(with: "://".utf8) else {
                at += 1
                continue
            }
            at += 3
            guard let end = userInfoEnd(bytes, from: at) else { continue }
            bytes.replaceSubrange(at..<end, with: mask)
            at += mask.count
        }
    }

    /// The position of the `@` before the host, for a URL whose authority begins at `start`; nil without user info.
    private static func userInfoEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        let word = bytes[start...].prefix { !$0.endsWord }
        let authority = word.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            // A further @ after a slash may belong to the password too.
            return word.lastIndex(of: UInt8(ascii: "@")) ?? at
        }
        // An IPv6 address or a bare host has no password. A colon begins a port, or a password that contains a slash or
        // a space; the latter is recognised by the @ that ends it.
        guard authority.first != UInt8(ascii: "["), authority.contains(UInt8(ascii: ":")) else { return nil }
        if let at = word.lastIndex(of: UInt8(ascii: "@")) { return at }
        let line = bytes[word.endIndex...].prefix { $0 != UInt8(ascii: "\n") }
        guard let at = line.firstIndex(of: UInt8(ascii: "@")), !holdsURL(line[..<at]) else { return nil }
        return at
    }

    private static func holdsURL(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: "://".utf8) }
    }

    private static let secretNames: Set<String> = [
        "token", "accesstoken", "auth", "authorization", "authorisation", "password", "passwd", "passphrase", "pass",
        "pwd", "pw", "psw", "key", "apikey", "secret", "sig", "signature", "credential", "credentials", "jwt",
    ]

    private static func redactParameters(_ bytes: inout [UInt8]) {
        var at = 0
        while let equals = bytes[at...].firstIndex(of: UInt8(ascii: "=")) {
            at = equals + 1
            let before = bytes[..<equals].reversed().prefix { $0.isASCIILetter || $0.isASCIIDigit }
            let name = String(decoding: before.reversed(), as: UTF8.self).lowercased()
            guard secretNames.contains(name) else { continue }
            let value = bytes[at...].prefix { $0 != UInt8(ascii: "&") && !$0.endsWord }
            guard !value.isEmpty else { continue }
            bytes.replaceSubrange(value.startIndex..<value.endIndex, with: mask)
            at += mask.count
        }
    }

    private static func redactHeaders(_ bytes: inout [UInt8]) {
        let header = Array("authorization:".utf8)
        var at = 0
        while at + header.count <= bytes.count {
            guard bytes[at..<at + header.count].elementsEqual(header, by: { $0 | 0x20 == $1 | 0x20 }) else {
                at += 1
                continue
            }
            at += header.count
            let value = bytes[at...].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            bytes.replaceSubrange(value.startIndex..<value.endIndex, with: [UInt8(ascii: " ")] + mask)
            at += mask.count + 1
        }
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    /// Whether this byte ends a URL in running text.
    fileprivate var endsWord: Bool {
        self <= 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "<") || self == UInt8(ascii: ">")
    }
}
