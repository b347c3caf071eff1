import Glibc

/// An address of this machine and a port to listen on: `127.0.0.1:8642`, `[::1]:8642`, `localhost:8642`,
/// `0.0.0.0:8642`.
///
/// Numbers only: a name could later resolve to another address, outside the loopback.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// The address, as the system writes it.
    package let host: String
    package let port: UInt16
    let family: Int32

    /// Reads an address with a port from 1 to 65535; nil for any other text.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = String(text[..<colon])
        if host == "localhost" { host = "127.0.0.1" }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = String(host.dropFirst().dropLast()) }
        let family = isBracketed ? AF_INET6 : AF_INET
        guard let number = Self.canonical(host, family: family) else { return nil }
        self.host = number
        self.port = port
        self.family = family
    }

    /// An IPv4 address.
    package init(ipv4 bytes: (UInt8, UInt8, UInt8, UInt8), port: UInt16) {
        host = "\(bytes.0).\(bytes.1).\(bytes.2).\(bytes.3)"
        self.port = port
        family = AF_INET
    }

    /// Whether only programs on this machine can reach it.
    package var isLoopback: Bool { family == AF_INET ? host.hasPrefix("127.") : host == "::1" }

    package var description: String { family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func port(_ text: Substring) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(text), port > 0
        else { return nil }
        return port
    }

    /// The address as the system writes it; nil if the text is not a numeric address.
    static func canonical(_ host: String, family: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(family, host, &bytes) == 1 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Calls `body` with the address in the form of the system.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        return withUnsafeMutablePointer(to: &storage) { storage in
            let raw = UnsafeMutableRawPointer(storage)
            let length: Int
            if family == AF_INET {
                let address = raw.assumingMemoryBound(to: sockaddr_in.self)
                address.pointee.sin_family = sa_family_t(AF_INET)
                address.pointee.sin_port = port.bigEndian
                inet_pton(AF_INET, host, &address.pointee.sin_addr)
                length = MemoryLayout<sockaddr_in>.size
            } else {
                let address = raw.assumingMemoryBound(to: sockaddr_in6.self)
                address.pointee.sin6_family = sa_family_t(AF_INET6)
                address.pointee.sin6_port = port.bigEndian
                inet_pton(AF_INET6, host, &address.pointee.sin6_addr)
                length = MemoryLayout<sockaddr_in6>.size
            }
            return body(raw.assumingMemoryBound(to: sockaddr.self), socklen_t(length))
        }
    }
}
