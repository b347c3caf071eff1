import Glibc

/// A thread that may block, whose name `ps` and `top` show.
package struct NamedThread: Sendable {
    private let handle: pthread_t

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: the thread's name; the kernel keeps 15 bytes.
    ///   - body: what the thread runs.
    /// - Returns: the thread, or the error number if the system allows no more threads.
    package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Result<NamedThread, Errno> {
        var handle = pthread_t()
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        let result = pthread_create(
            &handle,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                NamedThread.nameCurrent(start.name)
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard result == 0 else {
            start.release()
            return .failure(Errno(result))
        }
        return .success(NamedThread(handle: handle))
    }

    /// Waits for the end of the thread. Call either `join` or `detach`, once.
    package func join() {
        pthread_join(handle, nil)
    }

    /// Releases the thread without waiting; it may never end. Call either `join` or `detach`, once.
    package func detach() {
        pthread_detach(handle)
    }

    /// Names the calling thread. Swift's Glibc module lacks pthread_setname_np, so this writes the same file in /proc.
    private static func nameCurrent(_ name: String) {
        let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(name.utf8)
        _ = write(descriptor, bytes, bytes.count)
    }
}
