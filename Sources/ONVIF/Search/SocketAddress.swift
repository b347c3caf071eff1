import Glibc
import System

/// An IP address with a port, as the system's calls take it.
struct SocketAddress {
    private enum Storage {
        case v4(sockaddr_in)
        case v6(sockaddr_in6)
    }

    private let storage: Storage

    /// - Parameter address: in the byte order of the network.
    init(v4 address: in_addr_t, port: UInt16) {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = address
        storage = .v4(place)
    }

    /// Nil if the text is no numeric address.
    ///
    /// - Parameter zone: the interface's index.
    init?(v6 text: String, port: UInt16, zone: UInt32) {
        var place = sockaddr_in6()
        guard inet_pton(AF_INET6, text, &place.sin6_addr) == 1 else { return nil }
        place.sin6_family = sa_family_t(AF_INET6)
        place.sin6_port = port.bigEndian
        place.sin6_scope_id = zone
        storage = .v6(place)
    }

    func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        func rebound<Place>(_ place: Place) -> Result {
            withUnsafePointer(to: place) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Place>.size)) }
            }
        }
        switch storage {
        case .v4(let place): return rebound(place)
        case .v6(let place): return rebound(place)
        }
    }

    /// - Throws: the error number of the system.
    func bind(_ descriptor: Int32) throws(Errno) {
        guard with({ Glibc.bind(descriptor, $0, $1) }) == 0 else { throw .last }
    }

    /// The numeric address as a URL spells it: IPv6 in brackets, with the zone of a link-local address.
    static func host(_ storage: sockaddr_storage) -> String? {
        var text = [CChar](repeating: 0, count: 64)
        func string() -> String {
            String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        return withUnsafePointer(to: storage) { pointer in
            switch Int32(storage.ss_family) {
            case AF_INET:
                return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    var address = $0.pointee.sin_addr
                    return inet_ntop(AF_INET, &address, &text, socklen_t(text.count)) == nil ? nil : string()
                }
            case AF_INET6:
                return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    var address = $0.pointee.sin6_addr
                    guard inet_ntop(AF_INET6, &address, &text, socklen_t(text.count)) != nil else { return nil }
                    let zone = $0.pointee.sin6_scope_id
                    return "[\(string())\(zone == 0 ? "" : "%25\(zone)")]"
                }
            default: return nil
            }
        }
    }
}
