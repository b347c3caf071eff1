import Glibc

extension FileDescriptor {
    /// Locks the file against every other open description of it, with `flock(2)`. Never waits.
    ///
    /// - Returns: 0, `EWOULDBLOCK` if another has the lock, or the system's other error number.
    package borrowing func lock() -> Int32 {
        uninterrupted { flock(raw, LOCK_EX | LOCK_NB) }.errno
    }

    /// Releases the lock. To close the file is not enough: a child that another thread is about to start has a copy of the
    /// descriptor until it runs its program.
    package borrowing func unlock() {
        flock(raw, LOCK_UN)
    }
}
