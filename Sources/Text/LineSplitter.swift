/// Cuts bytes into lines. Longer ones than the limit are cut.
package struct LineSplitter: Sendable {
    private let limit: Int
    private var rest: [UInt8] = []

    package init(limit: Int) { self.limit = limit }

    /// The lines that these bytes complete, without empty ones.
    package mutating func take(_ bytes: ArraySlice<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") || rest.count >= limit else {
                rest.append(byte)
                continue
            }
            let line = String(decoding: rest, as: UTF8.self)
            rest.removeAll(keepingCapacity: true)
            if !line.isEmpty { lines.append(line) }
        }
        return lines
    }
}
