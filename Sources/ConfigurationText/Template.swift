/// A text split into its plain parts and its `${NAME}` references.
package struct Template {
    package enum Part: Equatable {
        case text(String)
        case reference(name: String, fallback: String?)
    }

    package struct Malformed: Error, Equatable {
        package var message: String
        package var remedy: String
    }

    package private(set) var parts: [Part] = []

    package init(_ source: String) throws(Malformed) {
        var rest = Substring(source)
        var text = ""
        while let dollar = rest.firstIndex(of: "$") {
            text += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                text += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                if !text.isEmpty { parts.append(.text(text)) }
                text = ""
                parts.append(try Self.reference(in: &rest))
            } else {
                text += "$"
                rest = rest.dropFirst()
            }
        }
        text += rest
        if !text.isEmpty || parts.isEmpty { parts.append(.text(text)) }
    }

    package var hasReferences: Bool {
        parts.contains { if case .reference = $0 { true } else { false } }
    }

    /// The text with its references, without their defaults. It holds no looked-up value.
    package var display: String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .reference(let name, _): "${\(name)}"
            }
        }.joined()
    }

    /// The references in the user and password of a URL, by index. Their values are percent-encoded, so that a password may
    /// contain `@`, `/` and `%`.
    package var credentialReferences: Set<Int> {
        var skeleton: [(character: Character, part: Int)] = []
        for (index, part) in parts.enumerated() {
            switch part {
            case .text(let text): skeleton += text.map { ($0, index) }
            case .reference: skeleton.append(("x", index))
            }
        }
        let colon = skeleton.indices.first { skeleton[$0...].prefix(3).map(\.character) == [":", "/", "/"] }
        guard let colon else { return [] }
        let authority = skeleton[(colon + 3)...].prefix { !"/?#".contains($0.character) }
        guard let at = authority.lastIndex(where: { $0.character == "@" }) else { return [] }
        return Set(authority[..<at].map(\.part)).filter { if case .reference = parts[$0] { true } else { false } }
    }

    /// Whether the text is a URL with a password that is written out.
    package var hasWrittenPassword: Bool {
        let written = parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
        guard let scheme = written.firstRange(of: "://") else { return false }
        let authority = written[scheme.upperBound...].prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@") else { return false }
        let user = authority[..<at]
        return user.firstIndex(of: ":").map { user.index(after: $0) < at } ?? false
    }

    /// Takes `${NAME}` or `${NAME:default}` off the front.
    private static func reference(in rest: inout Substring) throws(Malformed) -> Part {
        guard let close = rest.firstIndex(of: "}") else {
            throw Malformed(message: "a ${ is not closed", remedy: "close it with }, or write $${ for a plain ${")
        }
        let inner = rest[..<close].dropFirst(2)
        rest = rest[rest.index(after: close)...]
        let name = inner.prefix { $0 != ":" }
        let fallback = inner[name.endIndex...].dropFirst()
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else {
            throw Malformed(
                message: "\"${\(name)}\" is not a valid reference",
                remedy: "use letters, digits, _, - and . in the name"
            )
        }
        return .reference(name: String(name), fallback: name.endIndex == inner.endIndex ? nil : String(fallback))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "_-.".utf8.contains(byte)
        }
    }
}
