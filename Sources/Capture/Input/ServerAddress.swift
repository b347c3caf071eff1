/// The server that a URL names.
struct ServerAddress: Equatable {
    /// Whether it is reached over TLS.
    let isSecure: Bool
    /// With its port.
    let host: String
    /// The URL without user name and password.
    let bareURL: String

    /// Returns nil for a URL without a host.
    init?(_ url: String) {
        guard let separator = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<separator.lowerBound].lowercased()
        let rest = url[separator.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let bare = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard !bare.isEmpty else { return nil }
        let ports = [
            "rtsp": 554, "rtsps": 322, "http": 80, "https": 443, "rtmp": 1935, "rtmpe": 1935, "rtmps": 443, "rtmpt": 80,
        ]
        let afterAddress = bare.lastIndex(of: "]").map { bare[$0...] } ?? bare
        host = afterAddress.contains(":") ? String(bare) : "\(bare):\(ports[scheme] ?? 554)"
        isSecure = ["rtsps", "https", "rtmps"].contains(scheme)
        bareURL = "\(url[..<separator.upperBound])\(bare)\(rest[authority.endIndex...])"
    }
}
