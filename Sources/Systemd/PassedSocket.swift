import CSystemd
import Glibc
import System
package import Text

/// The event socket that systemd made (`watchword.socket`) and passes on. It exists before and after the daemon, so a
/// client that connects meanwhile waits instead of being refused.
package enum PassedSocket {
    /// The descriptor that listens at `path`, which the caller owns from here on; nil if systemd passed none.
    ///
    /// Removes $LISTEN_PID, $LISTEN_FDS and $LISTEN_FDNAMES from the environment and marks the descriptors close-on-exec. To
    /// be called once, before another thread reads the environment. Descriptors that cannot be used are closed.
    ///
    /// - Throws: `OperationError` unless systemd passed a single stream socket that listens at `path`.
    package static func take(at path: String) throws(OperationError) -> Int32? {
        let count = sd_listen_fds(1)
        guard count >= 0 else {
            let reason = Errno(-count)
            throw OperationError("cannot take over the sockets that systemd passed (\(reason))")
        }
        guard count > 0 else { return nil }
        let first: Int32 = 3  // SD_LISTEN_FDS_START, which is a macro with a cast
        guard let reason = complaint(of: first, count: count, path: path) else { return first }
        for descriptor in first..<(first + count) { close(descriptor) }
        throw OperationError(reason)
    }

    /// What is wrong with the descriptors from `first` on, with the remedy; nil if nothing is.
    private static func complaint(of first: Int32, count: Int32, path: String) -> String? {
        guard count == 1 else {
            return "systemd passed \(count) sockets, but there is one event socket: "
                + "keep a single ListenStream= in watchword.socket"
        }
        let stream = Int32(bitPattern: SOCK_STREAM.rawValue)
        guard sd_is_socket(first, AF_UNIX, stream, 1) > 0 else {
            return "systemd passed something other than a listening Unix stream socket: "
                + "write ListenStream=\(path) and Accept=no in watchword.socket"
        }
        guard sd_is_socket_unix(first, stream, 1, path, 0) > 0 else {
            return "the socket that systemd passed is not at events.socket, which is \(path): "
                + "make it the same as ListenStream= in watchword.socket"
        }
        return nil
    }
}
