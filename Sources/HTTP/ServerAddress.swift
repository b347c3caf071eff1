/// The server that a URL names.
package struct ServerAddress: Sendable, Equatable {
    /// Whether it is reached over TLS.
    package let isSecure: Bool
    /// With its port.
    package let host: String
    /// The URL without user name and password.
    package let bareURL: String
    /// The user name and password as the URL has them; nil for none.
    let login: String?

    /// Returns nil for a URL without a host.
    package init?(_ url: String) {
        guard let separator = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<separator.lowerBound].lowercased()
        let rest = url[separator.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let end = authority.lastIndex(of: "@")
        let bare = end.map { authority[authority.index(after: $0)...] } ?? authority
        guard !bare.isEmpty else { return nil }
        let ports = [
            "rtsp": 554, "rtsps": 322, "http": 80, "https": 443, "rtmp": 1935, "rtmpe": 1935, "rtmps": 443, "rtmpt": 80,
            "onvif": 80,
        ]
        let afterAddress = bare.lastIndex(of: "]").map { bare[$0...] } ?? bare
        host = afterAddress.contains(":") ? String(bare) : "\(bare):\(ports[scheme] ?? 554)"
        isSecure = ["rtsps", "https", "rtmps"].contains(scheme) || scheme == "onvif" && bare.hasSuffix(":443")
        bareURL = "\(url[..<separator.upperBound])\(bare)\(rest[authority.endIndex...])"
        login = end.map { String(authority[..<$0]) }
    }

    /// Whether a URL names the same server in the same way: scheme, host and port. What is meant for one server, such as a
    /// password, goes to no other.
    package func isServer(of url: String) -> Bool {
        guard let other = ServerAddress(url) else { return false }
        return isSecure == other.isSecure && host.lowercased() == other.host.lowercased()
    }
}
