/// The head of a request, by RFC 9112. Only GET and HEAD without a body are accepted.
///
/// Pure and strict: an ambiguous head is refused, and no input makes it trap.
struct RequestHead: Sendable, Equatable {
    /// The longest head, in bytes, with the empty line at its end.
    static let maxBytes = 16 * 1024
    private static let maxTargetBytes = 4096
    private static let maxFields = 100
    /// Fields that must not be repeated, because it would be unclear which value holds.
    private static let single: Set<String> = ["host", "origin", "authorization", "content-length", "sec-fetch-site"]

    var isHead: Bool
    var target: RequestTarget
    /// The values by field name in lower case. The values of one name are in order, joined by commas.
    private var fields: [String: String]
    var keepsAlive: Bool

    subscript(name: String) -> String? { fields[name] }

    /// - Parameter bytes: the head, including the empty line at its end.
    init(parsing bytes: some Collection<UInt8>) throws(HTTPFault) {
        var lines = try Self.lines(bytes)[...]
        guard let first = lines.popFirst() else { throw .malformed("the request is empty") }
        let words = first.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, Self.isToken(words[0]) else {
            throw .malformed("the first line is not a method, a path and HTTP/1.1")
        }
        guard words[1].count <= Self.maxTargetBytes else {
            let message = "the path has over \(Self.maxTargetBytes) bytes"
            throw HTTPFault(status: 414, code: "uri_too_long", message: message)
        }
        let version = try Self.minorVersion(words[2])
        var fields: [String: String] = [:]
        for line in lines { try Self.add(line, to: &fields) }

        switch String(decoding: words[0], as: UTF8.self) {
        case "GET": isHead = false
        case "HEAD": isHead = true
        default:
            let allow = HTTPResponse.Header("Allow", "GET, HEAD")
            let message = "nothing here can be changed: use GET or HEAD"
            throw HTTPFault(status: 405, code: "method_not_allowed", message: message, headers: [allow])
        }
        target = try RequestTarget(parsing: words[1])
        guard fields["host"] != nil else { throw .malformed("there is no Host field") }
        guard fields["transfer-encoding"] == nil else {
            throw HTTPFault(status: 501, code: "not_implemented", message: "a request must not have a body")
        }
        if let length = fields["content-length"] {
            guard !length.isEmpty, length.utf8.allSatisfy(Self.isDigit) else {
                throw .malformed("Content-Length is not a number")
            }
            guard length.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }) else {
                throw HTTPFault(status: 413, code: "body_too_large", message: "a request must not have a body")
            }
        }
        let connection = (fields["connection"] ?? "").lowercased()
        let options = connection.split { $0 == "," || $0 == " " || $0 == "\t" }
        self.fields = fields
        keepsAlive = version == 1 ? !options.contains("close") : options.contains("keep-alive")
    }

    /// The lines, without their line ends and without the empty line at the end. A bare CR or LF is refused.
    private static func lines(_ bytes: some Collection<UInt8>) throws(HTTPFault) -> [ArraySlice<UInt8>] {
        guard bytes.count <= maxBytes else { throw .headTooLarge }
        let bytes = Array(bytes)
        guard bytes.suffix(4) == [13, 10, 13, 10] else { throw .malformed("the head does not end") }
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for index in bytes.indices.dropLast(2) {
            let byte = bytes[index]
            let endsLine = byte == 13 && bytes[index + 1] == 10
            if byte == 13 && !endsLine || byte == 10 && (index == 0 || bytes[index - 1] != 13) {
                throw .malformed("lines end with CR and LF")
            }
            if endsLine {
                lines.append(bytes[start..<index])
                start = index + 2
            }
        }
        return lines
    }

    private static func add(_ line: ArraySlice<UInt8>, to fields: inout [String: String]) throws(HTTPFault) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else {
            throw .malformed("a field is not a name, a colon and a value")
        }
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let value = line[(colon + 1)...].drop(while: isBlank)
        let end = value.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? value.startIndex
        let trimmed = value[value.startIndex..<end]
        guard trimmed.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw .malformed("a field's value holds a control character")
        }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let text = String(decoding: trimmed, as: UTF8.self)
        guard let before = fields[name] else {
            guard fields.count < maxFields else { throw .headTooLarge }
            fields[name] = text
            return
        }
        guard !single.contains(name) else { throw .malformed("\(name) is given twice") }
        fields[name] = before + (name == "cookie" ? "; " : ", ") + text
    }

    private static func minorVersion(_ word: ArraySlice<UInt8>) throws(HTTPFault) -> Int {
        switch String(decoding: word, as: UTF8.self) {
        case "HTTP/1.1": return 1
        case "HTTP/1.0": return 0
        case let other where other.hasPrefix("HTTP/"):
            throw HTTPFault(status: 505, code: "version_not_supported", message: "this server speaks HTTP/1.1")
        default: throw .malformed("the first line does not end with HTTP/1.1")
        }
    }

    private static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                isDigit(byte) || isLetter(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

extension HTTPFault {
    static var headTooLarge: HTTPFault {
        let message = "the head has over \(RequestHead.maxBytes) bytes or too many fields"
        return HTTPFault(status: 431, code: "head_too_large", message: message)
    }
}
