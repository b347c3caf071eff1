import Glibc
import System

/// An address of this machine on a network that may hold cameras.
struct LocalNetwork: Sendable, Equatable {
    enum Address: Sendable, Equatable {
        case v4(in_addr_t)
        /// By the interface's index: multicast needs no more.
        case v6(UInt32)
    }

    let interface: String
    let address: Address

    /// The most networks that are searched; a machine with more holds containers.
    private static let limit = 64

    /// The networks of this machine, its own (`lo`) included: software that speaks ONVIF runs there too. Each interface has one
    /// IPv6 network, and one of IPv4 for each address.
    ///
    /// - Throws: the error number of the system.
    static func all() throws(Errno) -> [LocalNetwork] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { throw .last }
        defer { freeifaddrs(list) }
        var found: [LocalNetwork] = []
        var next = list
        while let entry = next?.pointee, found.count < limit {
            next = entry.ifa_next
            let (flags, wanted) = (entry.ifa_flags, UInt32(IFF_MULTICAST | IFF_LOOPBACK))
            guard flags & UInt32(IFF_UP) != 0, flags & wanted != 0, let address = entry.ifa_addr else { continue }
            let name = String(cString: entry.ifa_name)
            switch Int32(address.pointee.sa_family) {
            case AF_INET:
                let v4 = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr.s_addr }
                found.append(LocalNetwork(interface: name, address: .v4(v4)))
            case AF_INET6:
                let network = LocalNetwork(interface: name, address: .v6(if_nametoindex(name)))
                if !found.contains(network) { found.append(network) }
            default: continue
            }
        }
        return found
    }
}
