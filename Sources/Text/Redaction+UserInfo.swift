extension Redaction {
    /// Replaces the user and password of every URL (`rtsp://user:password@host`).
    ///
    /// A password may contain any character, including unescaped `@`, `/`, `%`, `!` and spaces. If the end of a password is
    /// ambiguous, the longer match is removed.
    static func redactUserInfo(_ bytes: inout [UInt8]) {
        var at = 0
        while at + 3 <= bytes.count {
            guard bytes[at...].starts(with: "://".utf8) else {
                at += 1
                continue
            }
            at += 3
            guard let end = userInfoEnd(bytes, from: at), end > at else { continue }
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
}
