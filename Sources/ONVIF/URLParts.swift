/// The parts of a URL with a host, as written. Foundation's parser accepts far more, and repairs it.
struct URLParts: Equatable {
    /// In lower case.
    let scheme: String
    let user: String?
    let password: String?
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    let host: String
    let port: UInt16?
    /// Empty, or with a slash at its beginning.
    let path: String
    let query: String?

    init?(_ url: String) {
        guard let mark = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<mark.lowerBound].lowercased()
        guard !scheme.isEmpty, scheme.utf8.allSatisfy({ $0.isLetter || $0.isDigit }) else { return nil }
        let rest = url[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let tail = rest[authority.endIndex...].prefix { $0 != "#" }
        guard tail.endIndex == url.endIndex else { return nil }
        let path = tail.prefix { $0 != "?" }

        let place: Substring
        if let at = authority.lastIndex(of: "@") {
            let login = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            (user, password) = (login.first.map(String.init), login.count > 1 ? String(login[1]) : nil)
            place = authority[authority.index(after: at)...]
        } else {
            (user, password) = (nil, nil)
            place = authority
        }
        guard let (host, port) = Self.hostAndPort(place) else { return nil }
        (self.scheme, self.host, self.port) = (scheme, host, port)
        self.path = String(path)
        query = path.endIndex == tail.endIndex ? nil : String(tail[path.endIndex...].dropFirst())
    }

    private static func hostAndPort(_ place: Substring) -> (String, UInt16?)? {
        let end: Substring.Index
        if place.hasPrefix("[") {
            guard let bracket = place.firstIndex(of: "]") else { return nil }
            end = place.index(after: bracket)
            let isGood = place[..<bracket].dropFirst().utf8.allSatisfy { $0.isHostByte || $0 == UInt8(ascii: ":") }
            guard isGood, end != place.index(place.startIndex, offsetBy: 2) else { return nil }
        } else {
            end = place.firstIndex(of: ":") ?? place.endIndex
            guard end != place.startIndex, place[..<end].utf8.allSatisfy(\.isHostByte) else { return nil }
        }
        let host = String(place[..<end])
        let rest = place[end...]
        if rest.isEmpty || rest == ":" { return (host, nil) }
        guard rest.first == ":", rest.dropFirst().utf8.allSatisfy(\.isDigit), let port = UInt16(rest.dropFirst()),
            port > 0
        else { return nil }
        return (host, port)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    fileprivate var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    /// A percent sign begins the zone of an IPv6 address.
    fileprivate var isHostByte: Bool { isDigit || isLetter || "-._~%".utf8.contains(self) }
}

extension String {
    /// Nil if a percent sign begins no byte, or the bytes are not UTF-8.
    func percentDecoded() -> String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard digits.count == 2 else { return nil }
            bytes.append(UInt8(digits[0] << 4 | digits[1]))
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A URL's path or query that comes from outside, with each character that a URL cannot hold percent-encoded. The result
    /// has no reference such as `${NAME}`, no quote and no line break.
    func uriSafe() -> String {
        let digits = Array("0123456789ABCDEF")
        return utf8.reduce(into: "") { output, byte in
            if byte.isDigit || byte.isLetter || "-._~:/?@!$&'()*+,;=%".utf8.contains(byte) {
                output.append(Character(Unicode.Scalar(byte)))
            } else {
                output += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}
