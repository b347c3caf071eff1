/// Splits a stream of bytes into lines.
struct LineBuffer {
    private var bytes: [UInt8] = []
    /// The start of the first line that is not taken yet.
    private var start = 0
    /// There is no line feed between `start` and here.
    private var searched = 0

    /// The bytes that are not taken yet.
    var count: Int { bytes.count - start }

    mutating func append(_ more: some Collection<UInt8>) {
        if start > 0, start >= bytes.count / 2 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Takes the next whole line, without its line feed; nil if there is none yet.
    mutating func nextLine() -> ArraySlice<UInt8>? {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            return nil
        }
        defer {
            start = end + 1
            searched = start
        }
        return bytes[start..<end]
    }

    /// Takes the rest, which has no line feed, at the end of the stream.
    mutating func takeRest() -> ArraySlice<UInt8> {
        defer {
            start = bytes.count
            searched = start
        }
        return bytes[start...]
    }
}
