/// Reads little-endian numbers and byte ranges of a file's part one after the other, never past `end`.
struct ByteCursor {
    let part: FilePart
    /// The place in the file.
    private(set) var offset: Int
    let end: Int

    /// - Parameter range: cut to the part; nil for all of it.
    init(_ part: FilePart, range: Range<Int>? = nil) {
        self.part = part
        let range = range.map { $0.clamped(to: part.range) } ?? part.range
        offset = range.lowerBound
        end = range.upperBound
    }

    /// The next `count` bytes; nil if there are fewer.
    mutating func take(_ count: Int) -> Range<Int>? {
        guard count >= 0, count <= end - offset else { return nil }
        defer { offset += count }
        return offset..<offset + count
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) -> T? {
        guard let range = take(MemoryLayout<T>.size) else { return nil }
        return T(littleEndian: part[range].loadUnaligned(as: T.self))
    }

    /// The bytes up to the next line feed, which is consumed too; nil if there is none within `limit` bytes.
    mutating func line(limit: Int) -> Range<Int>? {
        let window = part[offset..<offset + min(limit, end - offset)]
        guard let length = window.firstIndex(of: UInt8(ascii: "\n")), let range = take(length) else { return nil }
        _ = take(1)
        return range
    }
}
