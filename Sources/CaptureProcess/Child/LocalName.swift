import Glibc
import HTTP

/// Names that only a service of this machine knows, such as `camera.local` by multicast DNS. A confined process cannot ask it.
enum LocalName {
    /// The URL with the address in place of a name below `.local`. Any other URL stays as it is, and so does one whose
    /// name has no address, or is verified over TLS.
    static func resolved(_ url: String, verifiesServer: Bool) -> String {
        resolved(url, verifiesServer: verifiesServer, address: address(of:))
    }

    static func resolved(_ url: String, verifiesServer: Bool, address: (String) -> String?) -> String {
        guard let server = ServerAddress(url), !(server.isSecure && verifiesServer),
            let separator = url.firstRange(of: "://"), let port = server.host.lastIndex(of: ":")
        else { return url }
        let name = server.host[..<port]
        guard name.lowercased().hasSuffix(".local"), let address = address(String(name)) else { return url }
        let authority = url[separator.upperBound...].prefix { !"/?#".contains($0) }
        let start = authority.lastIndex(of: "@").map { authority.index(after: $0) } ?? authority.startIndex
        guard url[start...].hasPrefix(name) else { return url }
        let end = url.index(start, offsetBy: name.count)
        return url[..<start] + (address.contains(":") ? "[\(address)]" : address) + url[end...]
    }

    /// The first address of a host.
    private static func address(of name: String) -> String? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &found) == 0, let found else { return nil }
        defer { freeaddrinfo(found) }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = getnameinfo(
            found.pointee.ai_addr,
            found.pointee.ai_addrlen,
            &text,
            socklen_t(text.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        guard code == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
