/// A URL that redirections are followed from. The headers of a request are meant for its own server, and so is its login:
/// libcurl would send all headers but two to every host that the server names.
struct FollowedURL {
    private let first: String
    private let server: ServerAddress?
    private var redirections = 0
    /// Where the next request goes.
    private(set) var url: String

    private static let most = 10

    init(_ url: String) {
        first = url
        self.url = url
        server = ServerAddress(url)
    }

    /// Whether the next request goes to the first server.
    var isAtFirstServer: Bool { redirections == 0 || server?.isServer(of: url) == true }

    /// Follows a redirection.
    ///
    /// - Parameter target: the absolute URL.
    /// - Throws: if it leads nowhere, or away from TLS.
    mutating func follow(_ target: String) throws(HTTPTransfer.Failure) {
        redirections += 1
        guard redirections <= Self.most else {
            throw HTTPTransfer.Failure(kind: .unsafe, reason: "the server redirects more than \(Self.most) times")
        }
        guard let next = ServerAddress(target), next.isSecure || server?.isSecure == false else {
            throw HTTPTransfer.Failure(kind: .unsafe, reason: "the server redirects from https to another protocol")
        }
        url = target
        guard isAtFirstServer, let login = server?.login, let mark = next.bareURL.firstRange(of: "://") else { return }
        url = next.bareURL[..<mark.upperBound] + "\(login)@" + next.bareURL[mark.upperBound...]
    }
}
