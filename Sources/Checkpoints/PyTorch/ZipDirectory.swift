/// The entries of a zip archive of PyTorch: stored, not compressed, so that each is one range of the file.
///
/// Source: PKWARE's APPNOTE 6.3, with zip64. Sizes and places come from the central directory; every one is checked
/// against the file, and no two entries may share bytes. CRCs are not checked: that would read the whole file.
struct ZipDirectory {
    /// The range of each entry's data.
    let entries: [String: Range<Int>]

    static let signature: [UInt8] = [0x50, 0x4b, 3, 4]
    private static let centralSignature: UInt32 = 0x0201_4b50
    private static let endSignature: UInt32 = 0x0605_4b50
    private static let end64Signature: UInt32 = 0x0606_4b50
    private static let locator64Signature: UInt32 = 0x0706_4b50
    /// Far more than the tensors of any checkpoint.
    private static let maximumEntries = 100_000
    private static let maximumBytes = 32 << 20

    init(file: CheckpointFile) throws(CheckpointError) {
        let directory = try Self.centralDirectory(of: file)
        var entries: [String: Range<Int>] = [:]
        var taken: [Range<Int>] = []
        var cursor = ByteCursor(try file.part(directory.range))
        for _ in 0..<directory.count {
            let entry = try Self.entry(&cursor, of: file)
            let data = try Self.data(of: entry, in: file, before: directory.range.lowerBound)
            guard entries.updateValue(data, forKey: entry.name) == nil else {
                let message = "the archive holds \(entry.name.debugDescription) twice"
                throw CheckpointError(.malformed, at: file.path, message)
            }
            taken.append(entry.header..<data.upperBound)
        }
        taken.sort { $0.lowerBound < $1.lowerBound }
        for (one, next) in zip(taken, taken.dropFirst()) where next.lowerBound < one.upperBound {
            let message = "entries of the archive overlap at byte \(next.lowerBound)"
            throw CheckpointError(.malformed, at: file.path, message)
        }
        self.entries = entries
    }

    private struct Entry {
        let name: String
        /// The offset of the local header.
        let header: Int
        let size: Int
    }

    private static func broken(_ file: CheckpointFile) -> CheckpointError {
        CheckpointError(
            .truncated,
            at: file.path,
            "the archive's directory is damaged or missing at its end; copy or download the file again"
        )
    }

    /// Finds the end record after all entries, and its zip64 form if a field is too narrow.
    private static func centralDirectory(
        of file: CheckpointFile
    ) throws(CheckpointError) -> (range: Range<Int>, count: Int) {
        let least = 22
        var at = file.byteCount - least
        // A comment of up to 64 KiB may follow the record.
        let first = max(0, at - 0xffff)
        let tail = try file.part(first..<file.byteCount)
        func isEnd(_ at: Int) -> Bool {
            tail[at..<at + 4].loadUnaligned(as: UInt32.self).littleEndian == endSignature
        }
        while at >= first, !isEnd(at) { at -= 1 }
        guard at >= first else { throw broken(file) }
        var record = ByteCursor(tail, range: at + 8..<at + least)
        guard record.take(2) != nil, let count = record.integer(UInt16.self), let size = record.integer(UInt32.self),
            let offset = record.integer(UInt32.self)
        else { throw broken(file) }
        var directory = (offset: UInt64(offset), size: UInt64(size), count: UInt64(count))
        if count == .max || size == .max || offset == .max {
            directory = try wideDirectory(of: file, endRecord: at)
        }
        guard directory.count <= maximumEntries else {
            throw CheckpointError(.unsupported, at: file.path, "the archive says it holds \(directory.count) entries")
        }
        guard directory.offset <= at, directory.size <= UInt64(at) - directory.offset else { throw broken(file) }
        guard directory.size <= maximumBytes else {
            throw CheckpointError(.unsupported, at: file.path, "the archive's directory has \(directory.size) bytes")
        }
        let start = Int(directory.offset)
        return (start..<start + Int(directory.size), Int(directory.count))
    }

    private static func wideDirectory(
        of file: CheckpointFile,
        endRecord: Int
    ) throws(CheckpointError) -> (offset: UInt64, size: UInt64, count: UInt64) {
        var locator = ByteCursor(try file.part(max(0, endRecord - 20)..<endRecord))
        guard locator.integer(UInt32.self) == locator64Signature, locator.take(4) != nil,
            let at = locator.integer(UInt64.self), at <= endRecord
        else { throw broken(file) }
        var record = ByteCursor(try file.part(Int(at)..<min(Int(at) + 56, endRecord)))
        guard record.integer(UInt32.self) == end64Signature, record.take(28) != nil,
            let count = record.integer(UInt64.self), let size = record.integer(UInt64.self),
            let offset = record.integer(UInt64.self)
        else { throw broken(file) }
        return (offset, size, count)
    }

    private static func entry(
        _ cursor: inout ByteCursor,
        of file: CheckpointFile
    ) throws(CheckpointError) -> Entry {
        guard cursor.integer(UInt32.self) == centralSignature, cursor.take(4) != nil,
            let flags = cursor.integer(UInt16.self), let method = cursor.integer(UInt16.self), cursor.take(8) != nil,
            let packed = cursor.integer(UInt32.self), let size = cursor.integer(UInt32.self),
            let nameLength = cursor.integer(UInt16.self), let extraLength = cursor.integer(UInt16.self),
            let commentLength = cursor.integer(UInt16.self), cursor.take(8) != nil,
            let header = cursor.integer(UInt32.self), let nameBytes = cursor.take(Int(nameLength)),
            let extra = cursor.take(Int(extraLength)), cursor.take(Int(commentLength)) != nil
        else { throw broken(file) }
        guard let name = cursor.part.text(nameBytes), isPlain(name) else {
            throw CheckpointError(.malformed, at: file.path, "an entry of the archive has a name that leads elsewhere")
        }
        guard flags & 1 == 0 else {
            throw CheckpointError(.unsupported, at: file.path, "\(name.debugDescription) in the archive is encrypted")
        }
        guard method == 0 else {
            throw CheckpointError(
                .unsupported,
                at: file.path,
                "\(name.debugDescription) in the archive is compressed, which PyTorch never does; save it with torch.save"
            )
        }
        var wide = WideFields(extra, in: cursor.part)
        let fields = (wide.value(size), wide.value(packed), wide.value(header))
        guard let size = fields.0, let packed = fields.1, let header = fields.2, size == packed,
            size <= file.byteCount, header <= file.byteCount
        else { throw broken(file) }
        return Entry(name: name, header: Int(header), size: Int(size))
    }

    /// Nothing is ever written under these names, but a name that climbs out of the archive is refused all the same.
    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("/") && !name.contains("\\") && !name.contains("\0")
            && !name.split(separator: "/", omittingEmptySubsequences: false).contains("..")
    }

    /// The data after the local header, whose name and extra field may be longer than the directory's (padding).
    private static func data(
        of entry: Entry,
        in file: CheckpointFile,
        before end: Int
    ) throws(CheckpointError) -> Range<Int> {
        let start = min(entry.header, end)
        let header = try file.part(start..<min(start + 30 + entry.name.utf8.count, end))
        var cursor = ByteCursor(header)
        guard cursor.take(4).map({ header[$0].elementsEqual(signature) }) == true, cursor.take(22) != nil,
            let nameLength = cursor.integer(UInt16.self), let extraLength = cursor.integer(UInt16.self),
            let name = cursor.take(Int(nameLength)), header.text(name) == entry.name,
            Int(extraLength) <= end - cursor.offset, entry.size <= end - cursor.offset - Int(extraLength)
        else {
            throw CheckpointError(
                .truncated,
                at: file.path,
                "\(entry.name.debugDescription) is not where the archive's directory says; copy or download it again"
            )
        }
        let first = cursor.offset + Int(extraLength)
        return first..<first + entry.size
    }
}

/// The zip64 extra field: 64-bit values for those of the directory's fields that are all ones, in their order.
private struct WideFields {
    private var cursor: ByteCursor

    init(_ extra: Range<Int>, in directory: FilePart) {
        cursor = ByteCursor(directory, range: extra.lowerBound..<extra.lowerBound)
        var fields = ByteCursor(directory, range: extra)
        while let kind = fields.integer(UInt16.self), let length = fields.integer(UInt16.self),
            let body = fields.take(Int(length))
        {
            if kind == 1 { cursor = ByteCursor(directory, range: body) }
        }
    }

    mutating func value(_ narrow: UInt32) -> UInt64? { narrow == .max ? cursor.integer(UInt64.self) : UInt64(narrow) }
}
