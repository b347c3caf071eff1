extension JSONValue: JSONWritable {
    package func writeJSON(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): value.writeJSON(into: &bytes)
        case .integer(let value): value.writeJSON(into: &bytes)
        case .number(let value): value.writeJSON(into: &bytes)
        case .string(let text): text.writeJSON(into: &bytes)
        case .array(let elements): elements.writeJSON(into: &bytes)
        case .object(let members):
            var line = JSONLine()
            for member in members { line.add(member.key, member.value) }
            line.writeJSON(into: &bytes)
        }
    }

    /// The value as indented text for people. A value that fits into a line of 100 characters stays on one line.
    ///
    /// - Parameter indent: the indentation of the value, in spaces.
    package func text(indent: Int = 0) -> String {
        var bytes: [UInt8] = []
        writeJSON(into: &bytes)
        let compact = String(decoding: bytes, as: UTF8.self)
        if compact.count + indent <= 100 { return compact }
        let inner = String(repeating: " ", count: indent + 2)
        let outer = String(repeating: " ", count: indent)
        switch self {
        case .array(let elements):
            let lines = elements.map { inner + $0.text(indent: indent + 2) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(outer)]"
        case .object(let members):
            let lines = members.map { member in
                var key: [UInt8] = []
                member.key.writeJSON(into: &key)
                return inner + String(decoding: key, as: UTF8.self) + ": " + member.value.text(indent: indent + 2)
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
        default:
            return compact
        }
    }
}
