/// Removes credentials from text: user and password in URLs, the values of their parameters, authorization headers and
/// known secrets.
///
/// Cameras call a password by more names than anybody could list. So the values of a URL's parameters are hidden unless the
/// name is known to be harmless (`HarmlessParameter`). In doubt it removes too much rather than too little.
package struct Redaction: Sendable {
    /// The shortest secret that is removed by its literal text, in bytes. Shorter ones would remove ordinary words; the
    /// rules for URLs still apply to them.
    static let shortestSecret = 4
    package static let stand = "***"

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
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }) else { return text }
        var bytes = Array(text.utf8)
        Self.redactUserInfo(&bytes)
        bytes = Self.redactingParameters(bytes)
        Self.redactHeaders(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static let mask = Array(stand.utf8)

    /// Headers that carry credentials, by the end of their names: `Proxy-Authorization`, `Set-Cookie`, `X-Auth-Token`.
    private static let headers = ["authorization:", "cookie:", "-token:", "api-key:"].map { Array($0.utf8) }

    /// Removes everything that follows such a header on its line.
    private static func redactHeaders(_ bytes: inout [UInt8]) {
        for header in headers {
            var at = 0
            while at + header.count <= bytes.count {
                guard bytes[at..<at + header.count].elementsEqual(header, by: { $0 | 0x20 == $1 | 0x20 }) else {
                    at += 1
                    continue
                }
                at += header.count
                let value = bytes[at...].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
                guard value.contains(where: { $0 > 0x20 }) else { continue }
                bytes.replaceSubrange(value.startIndex..<value.endIndex, with: [UInt8(ascii: " ")] + mask)
                at += mask.count + 1
            }
        }
    }
}

extension UInt8 {
    /// Whether this byte ends a URL in running text.
    var endsWord: Bool {
        self <= 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "<") || self == UInt8(ascii: ">")
    }
}
