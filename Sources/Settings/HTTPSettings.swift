package import WebFeed

/// The live page and the HTTP API.
package struct HTTPSettings: Sendable, Equatable {
    package var listen = HTTPSettings.usual
    /// What clients must show; nil lets every program of this machine in.
    package var token: String?
    /// Where the token is read from, unless it is given.
    package var tokenFile: String?
    /// Names by which clients may call the server, beside its addresses and the machine's own name.
    package var hosts: [String] = []

    private static let usual = ListenAddress(ipv4: (127, 0, 0, 1), port: 8642)

    package init() {}
}

extension HTTPSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the token.
    package var description: String { "http at \(listen)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [("listen", listen)]) }
}
