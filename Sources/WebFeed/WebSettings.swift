/// The address on which the pages are served, and who may read them.
package struct WebSettings: Sendable {
    package var listen: ListenAddress
    /// The token that a client must send; nil admits every program on this machine.
    package var token: String?
    /// The host names that clients may use, beside the server's addresses and the machine's own name.
    package var hosts: [String]
    /// The path below which a reverse proxy serves the page. Requests may come with it or without it.
    package var path: URLPath
    /// The origins whose pages may show this page in a frame.
    package var frameAncestors: [String]

    package init(
        listen: ListenAddress,
        token: String?,
        hosts: [String] = [],
        path: URLPath = .root,
        frameAncestors: [String] = []
    ) {
        self.listen = listen
        self.token = token
        self.hosts = hosts
        self.path = path
        self.frameAncestors = frameAncestors
    }
}
