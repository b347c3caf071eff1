/// The path of a request, split and decoded, and its query.
struct RequestTarget: Sendable, Equatable {
    struct Parameter: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// The parts between the slashes; none for `/`.
    var path: [String]
    var query: [Parameter]
    /// The query as it came, with its question mark; empty for none.
    private(set) var queryText = ""

    /// - Throws: `HTTPFault` if it is not a path, or if its decoded bytes are not text.
    init(parsing bytes: some Collection<UInt8>) throws(HTTPFault) {
        guard bytes.first == UInt8(ascii: "/") else { throw .malformed("the path does not begin with /") }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformed("the path holds a character that must be written as % and two digits")
        }
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
        let parts = bytes[..<(mark ?? bytes.endIndex)].dropFirst().split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        var path: [String] = []
        for part in parts { path.append(try Self.decode(part, plusIsSpace: false)) }
        self.path = path == [""] ? [] : path
        query = []
        guard let mark else { return }
        queryText = String(decoding: bytes[mark...], as: UTF8.self)
        for pair in bytes[mark...].dropFirst().split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            let name = try Self.decode(pair[..<(equals ?? pair.endIndex)], plusIsSpace: true)
            let value = try equals.map { (index) throws(HTTPFault) in
                try Self.decode(pair[index...].dropFirst(), plusIsSpace: true)
            }
            query.append(Parameter(name: name, value: value ?? ""))
        }
    }

    /// The values of a parameter, in order.
    subscript(name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

    private static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool) throws(HTTPFault) -> String {
        var decoded: [UInt8] = []
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.next().flatMap(hexDigit), let low = rest.next().flatMap(hexDigit) else {
                    throw .malformed("a % in the path is not followed by two hexadecimal digits")
                }
                decoded.append(high << 4 | low)
            } else {
                decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else { throw .malformed("the path is not UTF-8") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw .malformed("the path holds a control character")
        }
        return text
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
