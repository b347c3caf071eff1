public import WebFeed

/// The live page and the HTTP API.
public struct HTTPSettings: Sendable, Equatable {
    public var listen = HTTPSettings.usual
    /// What clients must show; nil lets every program of this machine in.
    public var token: String?
    /// Where the token is read from, unless it is given.
    public var tokenFile: String?
    /// Names by which clients may call the server, beside its addresses and the machine's own name.
    public var hosts: [String] = []

    private static let usual = ListenAddress(ipv4: (127, 0, 0, 1), port: 8642)

    public init() {}
}

extension HTTPSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the token.
    public var description: String { "http at \(listen)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [("listen", listen)]) }
}
