import HTTP
import Text

/// Sends requests to one receiver, over a connection that is kept. Blocks; for one thread.
struct WebhookSender {
    private static let patience = Duration.seconds(15)
    /// The most bytes that are read of an answer. Beyond them the connection is not used again.
    private static let mostRead = 64 << 10

    private let settings: WebhookSettings
    private let transfer: HTTPTransfer

    /// - Parameter version: the daemon's, for the user agent.
    /// - Returns: nil if libcurl cannot be set up.
    init?(_ settings: WebhookSettings, version: String) {
        let seconds = Int(Self.patience.components.seconds)
        guard let transfer = HTTPTransfer(agent: "watchword/\(version)", stallSeconds: seconds, headers: []) else {
            return nil
        }
        self.settings = settings
        self.transfer = transfer
    }

    /// Sends a request once.
    ///
    /// - Parameters:
    ///   - request: what to send.
    ///   - id: the same for each attempt.
    ///   - isCancelled: read many times a second.
    /// - Returns: the status answered, and how long the receiver asks to wait.
    func send(
        _ request: WebhookRequest,
        id: String,
        isCancelled: () -> Bool
    ) throws(HTTPTransfer.Failure) -> (status: Int, retryAfter: Duration?) {
        let timestamp = WallClock.now.microseconds / 1_000_000
        // A form of several parts says where they end.
        let own = settings.headers.first { $0.name.lowercased() == "content-type" }?.value
        let type = request.isForm ? nil : own
        var post = HTTPTransfer.Post(
            url: settings.url,
            contentType: type ?? request.contentType,
            body: request.body,
            limit: Self.mostRead
        )
        post.method = request.method
        post.headers = request.headers(id: id, timestamp: timestamp, for: settings)
        post.authorities = settings.ca
        post.isDirect = false
        // Whatever a receiver says beside its status may repeat what is secret.
        post.wanted = .status
        let answer = try transfer.post(
            post,
            timeout: Self.patience,
            connecting: Self.patience,
            isCancelled: isCancelled
        )
        return (answer.response.status, answer.response.retryAfter)
    }
}
