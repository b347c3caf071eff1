/// Cuts a stream of bytes into lines.
struct LineBuffer {
    private var bytes: [UInt8] = []
    /// Where the first line not yet given away begins.
    private var start = 0
    /// No line feed lies between `start` and here.
    private var searched = 0

    /// Bytes that are not yet given away.
    var count: Int { bytes.count - start }

    mutating func append(_ more: some Collection<UInt8>) {
        if start > 0, start >= bytes.count / 2 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole line without its line feed; nil until one is there.
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

    /// What is left without a line feed at the end of the stream.
    mutating func takeRest() -> ArraySlice<UInt8> {
        defer {
            start = bytes.count
            searched = start
        }
        return bytes[start...]
    }
}
