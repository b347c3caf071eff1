import System

/// An open file of a checkpoint, whose parts are copied out when they are asked for.
///
/// Nothing is mapped: a file that is replaced, changed or cut short while a model loads costs an error and not the process.
package final class CheckpointFile: Sendable {
    package let path: String
    package let byteCount: Int
    var version: FileVersion { file.version }
    private let file: RegularFile

    /// - Throws: `CheckpointError` if the file is missing, is no regular file or may not be read.
    package init(path: String) throws(CheckpointError) {
        do throws(RegularFile.Fault) {
            let file = try RegularFile(path)
            self.path = path
            byteCount = file.byteCount
            self.file = file
        } catch {
            throw CheckpointError(error, at: path)
        }
    }

    /// Reads `buffer.count` bytes from `offset` on.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        do throws(RegularFile.Fault) {
            try file.read(at: offset, into: buffer)
        } catch {
            throw CheckpointError(error, at: path)
        }
    }

    /// A copy of `range`, which is cut to the file.
    func part(_ range: Range<Int>) throws(CheckpointError) -> FilePart {
        let range = range.clamped(to: 0..<byteCount)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 16)
        // Owns the memory from here on.
        let part = FilePart(path: path, range: range, bytes: UnsafeRawBufferPointer(bytes))
        try read(at: range.lowerBound, into: bytes)
        return part
    }

    /// All bytes of a small file beside the weights.
    ///
    /// - Parameters:
    ///   - limit: bytes; a larger file is refused.
    ///   - remedy: what to do if there is no such file.
    package static func contents(
        of path: String,
        limit: Int,
        ifAbsent remedy: String? = nil
    ) throws(CheckpointError) -> [UInt8] {
        do throws(RegularFile.Fault) {
            return try RegularFile.contents(of: path, limit: limit)
        } catch {
            throw CheckpointError(error, at: path, ifAbsent: remedy)
        }
    }
}

/// A copy of some bytes of a file, which are addressed by their places in the file.
///
/// `@unchecked Sendable`: the memory is written before the object is shared and only read afterwards.
final class FilePart: @unchecked Sendable {
    let path: String
    let range: Range<Int>
    private let bytes: UnsafeRawBufferPointer

    /// Takes ownership of `bytes`.
    fileprivate init(path: String, range: Range<Int>, bytes: UnsafeRawBufferPointer) {
        self.path = path
        self.range = range
        self.bytes = bytes
    }

    deinit { bytes.deallocate() }

    /// The bytes at `place` in the file, which must lie within the part.
    subscript(place: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(place.lowerBound >= range.lowerBound && place.upperBound <= range.upperBound, "beyond the part")
        let start = range.lowerBound
        return UnsafeRawBufferPointer(rebasing: bytes[place.lowerBound - start..<place.upperBound - start])
    }

    func holds(_ place: Range<Int>) -> Bool {
        place.lowerBound >= range.lowerBound && place.upperBound <= range.upperBound
    }

    /// The bytes of `place` as text; nil if they lie beyond the part or are not UTF-8.
    func text(_ place: Range<Int>) -> String? {
        holds(place) ? String(validating: self[place], as: UTF8.self) : nil
    }
}

extension CheckpointError {
    /// - Parameter remedy: what to do if there is no such file.
    fileprivate init(_ fault: RegularFile.Fault, at path: String, ifAbsent remedy: String? = nil) {
        let (message, usual) = fault.explanation
        switch fault {
        case _ where fault.isAbsence: self.init(.notFound, at: path, "no such file" + (remedy.map { "; \($0)" } ?? ""))
        case .isCutShort: self.init(.truncated, at: path, "\(message); \(usual)")
        case .isTooLarge: self.init(.malformed, at: path, "\(message); \(usual)")
        default: self.init(.unreadable, at: path, "\(message); \(usual)")
        }
    }
}
