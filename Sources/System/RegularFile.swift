import Glibc

/// A regular file, open for reading: the door for every file that somebody else wrote.
///
/// Opening a named pipe waits for its writer, and opening some devices acts on them. So anything that is no regular file is
/// refused before it is opened. The contents are copied, never mapped: a file that is cut short while it is read ends in an
/// error, where a mapping would end the process.
package struct RegularFile: ~Copyable, Sendable {
    package enum Fault: Error, Sendable, Equatable {
        /// It cannot be opened or read.
        case system(Errno)
        case isDirectory
        /// A named pipe, a socket or a device.
        case isSpecial
        /// It has more bytes than the limit.
        case isTooLarge(limit: Int)
        /// It has become shorter since it was opened.
        case isCutShort
    }

    /// The size when the file was opened. The files of /proc say 0 and have contents all the same.
    package let byteCount: Int
    package let version: FileVersion
    /// Whether nobody but this user and root could have written it.
    package let isOwn: Bool
    private let descriptor: FileDescriptor

    package init(_ path: String) throws(Fault) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system(.last) }
        try Self.check(status)
        // Non-blocking, for the path may lead elsewhere by now.
        let (raw, number) = uninterrupted { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard raw >= 0 else { throw .system(Errno(number)) }
        let descriptor = FileDescriptor(owning: raw)
        guard fstat(raw, &status) == 0 else { throw .system(.last) }
        try Self.check(status)
        byteCount = Int(status.st_size)
        version = FileVersion(status)
        isOwn = Self.isOwn(status)
        self.descriptor = descriptor
    }

    static func isOwn(_ status: stat) -> Bool {
        (status.st_uid == geteuid() || status.st_uid == 0) && status.st_mode & (S_IWGRP | S_IWOTH) == 0
    }

    private static func check(_ status: stat) throws(Fault) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: return
        case S_IFDIR: throw .isDirectory
        default: throw .isSpecial
        }
    }

    /// Reads `buffer.count` bytes from `offset` on.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(Fault) {
        var done = 0
        while done < buffer.count {
            let (count, number) = uninterrupted {
                pread(descriptor.raw, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
            }
            guard count >= 0 else { throw .system(Errno(number)) }
            guard count > 0 else { throw .isCutShort }
            done += count
        }
    }

    /// The bytes of `range`, cut to the file's size.
    package func bytes(_ range: Range<Int>) throws(Fault) -> [UInt8] {
        let range = range.clamped(to: 0..<byteCount)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 16)
        defer { buffer.deallocate() }
        try read(at: range.lowerBound, into: buffer)
        return Array(buffer)
    }

    /// Hands out the contents in pieces, to their end.
    package func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) throws(Fault) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let (count, number) = uninterrupted {
                pread(descriptor.raw, buffer.baseAddress, buffer.count, off_t(offset))
            }
            guard count >= 0 else { throw .system(Errno(number)) }
            if count == 0 { return }
            body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
    }

    /// All bytes; more than `limit` are refused, not cut.
    package func contents(limit: Int) throws(Fault) -> [UInt8] {
        guard byteCount <= limit else { throw .isTooLarge(limit: limit) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        var isTooLarge = false
        try forEachPiece { piece in
            if bytes.count + piece.count > limit { isTooLarge = true } else { bytes.append(contentsOf: piece) }
        }
        guard !isTooLarge else { throw .isTooLarge(limit: limit) }
        return bytes
    }

    /// All bytes of the file at `path`; more than `limit` are refused, not cut.
    package static func contents(of path: String, limit: Int) throws(Fault) -> [UInt8] {
        try RegularFile(path).contents(limit: limit)
    }
}

extension FileDescriptor {
    /// Whether nobody but this user and root could write the file; what `RegularFile.isOwn` will be.
    package borrowing func isOwn() throws(Errno) -> Bool {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw .last }
        return RegularFile.isOwn(status)
    }
}

extension RegularFile.Fault {
    /// Whether there is no such file.
    package var isAbsence: Bool { self == .system(Errno(ENOENT)) }

    /// What is wrong and what to do, to go on a sentence about the file: "is a directory", "name the file in it".
    package var explanation: (message: String, remedy: String) {
        switch self {
        case .isDirectory: ("is a directory", "name the file in it")
        case .isSpecial: ("is not a regular file", "name a regular file")
        case .isTooLarge(let limit) where limit <= 1 << 20:
            ("is larger than \(limit >> 10) KiB", "check that it is the right file")
        case .isTooLarge(let limit): ("is larger than \(limit >> 20) MiB", "check that it is the right file")
        case .isCutShort: ("was cut short while it was read", "copy or download it again")
        case .system(Errno(ENOENT)): ("does not exist", "create it or check the path")
        case .system(Errno(EACCES)), .system(Errno(EPERM)):
            ("may not be read by this user", "check its owner and mode")
        case .system(let error) where error == Errno(EMFILE) || error == Errno(ENFILE):
            ("cannot be read: \(error)", "raise the limit of open files")
        case .system(let error): ("cannot be read: \(error)", "check the path")
        }
    }
}
