/// A JSON object on one line, with its keys in the order they were added. Add each key only once.
package struct JSONLine: Sendable, Equatable, JSONWritable {
    /// The object without its closing brace.
    private var body = [UInt8(ascii: "{")]

    package init() {}

    /// Creates an object that begins with a `type`, as every line of the event socket does.
    package init(type: String) {
        add("type", type)
    }

    package mutating func add(_ key: String, _ value: some JSONWritable) {
        if body.count > 1 { body.append(UInt8(ascii: ",")) }
        key.writeJSON(into: &body)
        body.append(UInt8(ascii: ":"))
        value.writeJSON(into: &body)
    }

    /// The line in UTF-8, with its line feed.
    package var bytes: [UInt8] { body + [UInt8(ascii: "}"), UInt8(ascii: "\n")] }

    /// The line without its line feed.
    package var text: String { String(decoding: body, as: UTF8.self) + "}" }

    package func writeJSON(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: body)
        bytes.append(UInt8(ascii: "}"))
    }
}
