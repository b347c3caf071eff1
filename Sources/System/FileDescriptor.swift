import Glibc

/// An open file descriptor that is closed with its owner.
package struct FileDescriptor: ~Copyable, Sendable {
    package let raw: Int32

    /// Takes ownership of an open descriptor that nothing else owns.
    package init(owning raw: Int32) {
        self.raw = raw
    }

    deinit {
        close(raw)
    }
}

/// Repeats a system call while signals interrupt it.
///
/// - Parameter call: makes the system call and returns its result.
/// - Returns: the call's result, and the error number if the result is −1.
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
