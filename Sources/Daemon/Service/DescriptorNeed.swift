import System
import Text

/// The descriptors that the daemon needs for its streams, its webhooks and itself, held against the limit before anything is
/// opened: with a full table cameras cannot be opened, records not be saved, and the runtime may end the process.
enum DescriptorNeed {
    /// The journal and its readers, the sockets, the broker, the runtime's own, a handful of clients.
    private static let daemon = 64
    /// RTSP over UDP has three, a capture process three here; an attempt that hangs keeps its own while the next begins.
    private static let stream = 8
    /// Its place in the feed, its mark, its wake-up, and libcurl's own.
    private static let webhook = 10

    static func count(streams: Int, webhooks: Int = 0) -> Int { daemon + stream * streams + webhook * webhooks }

    /// - Throws: `OperationError` if the limit is lower than that.
    static func check(streams: Int, webhooks: Int = 0, limit: Int = DescriptorLimit.current) throws(OperationError) {
        let need = count(streams: streams, webhooks: webhooks)
        guard limit < need else { return }
        throw OperationError(
            "\(streams) stream\(streams == 1 ? "" : "s") need about \(need) open files and sockets, "
                + "and this process may have \(limit); raise LimitNOFILE= of the service, or ulimit -n"
        )
    }
}
