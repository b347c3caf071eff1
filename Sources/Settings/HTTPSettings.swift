package import WebFeed

/// The live page and the HTTP API.
package struct HTTPSettings: Sendable, Equatable {
    package var listen = HTTPSettings.defaultAddress
    /// The token that clients must show. Nil admits every program of this machine.
    package var token: String?
    /// The file that the token is read from; nil if `token` is given or no token is needed.
    var tokenFile: String?
    /// Further names by which clients may call the server. Its addresses and the machine's name are always accepted.
    package var hosts: [String] = []
    /// The path below which a reverse proxy serves the page.
    package var path = URLPath.root
    /// The origins whose pages may show this page in a frame.
    package var frameAncestors: [String] = []

    private static let defaultAddress = ListenAddress(ipv4: (127, 0, 0, 1), port: 8642)

    package init() {}
}

extension HTTPSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the token.
    package var description: String { "http at \(listen)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [("listen", listen)]) }
}
