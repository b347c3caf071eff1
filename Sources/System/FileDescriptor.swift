import Glibc

/// An open file descriptor, closed when its owner goes.
package struct FileDescriptor: ~Copyable, Sendable {
    package let raw: Int32

    /// Takes over a descriptor that is open and nobody else's.
    package init(owning raw: Int32) {
        self.raw = raw
    }

    deinit {
        close(raw)
    }
}

/// Runs a system call again for as long as a signal interrupts it.
///
/// - Returns: what the call returned, and the error number where that is −1.
@inline(__always)
package func uninterrupted<Result: FixedWidthInteger & SignedInteger>(
    _ call: () -> Result
) -> (result: Result, errno: Int32) {
    while true {
        let result = call()
        if result != -1 { return (result, 0) }
        if errno != EINTR { return (result, errno) }
    }
}
