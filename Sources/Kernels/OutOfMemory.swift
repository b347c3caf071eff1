import Glibc

/// Ends the program with one line and exit code 1: a kernel cannot go on without the memory it computes in.
///
/// The last resort. What a model needs is checked before it is loaded (`ModelMemory`).
func endOutOfMemory(_ bytes: Int, for what: String) -> Never {
    let line = Array("watchword: out of memory: \(bytes) bytes for \(what) cannot be had; use a smaller model\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    _exit(1)
}
