import Glibc

/// A system call's error number, such as ENOENT.
package struct Errno: Error, Sendable, Equatable, CustomStringConvertible {
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    /// The error that the last failed system call of this thread left behind.
    package static var last: Errno { Errno(errno) }

    /// The system's description, such as `No such file or directory`.
    package var description: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
