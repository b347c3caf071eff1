/// Reads little-endian numbers and byte ranges of a mapped file one after the other, never past `end`.
struct ByteCursor {
    let file: MappedFile
    private(set) var offset: Int
    let end: Int

    /// `range` is cut to the file.
    init(file: MappedFile, range: Range<Int>) {
        self.file = file
        let range = range.clamped(to: 0..<file.bytes.count)
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
        return T(littleEndian: file.bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: T.self))
    }

    /// The bytes up to the next line feed, which is consumed too; nil if there is none within `limit` bytes.
    mutating func line(limit: Int) -> Range<Int>? {
        let window = UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + min(limit, end - offset)])
        guard let length = window.firstIndex(of: UInt8(ascii: "\n")), let range = take(length) else { return nil }
        _ = take(1)
        return range
    }
}

extension MappedFile {
    /// The bytes of `range` as text; nil if they are not UTF-8.
    func text(_ range: Range<Int>) -> String? {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
        return String(validating: bytes[range], as: UTF8.self)
    }
}
