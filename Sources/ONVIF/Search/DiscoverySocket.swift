import Glibc
import System

/// A UDP socket that sends WS-Discovery's messages into one local network and receives the answers.
struct DiscoverySocket: ~Copyable {
    private static let port: UInt16 = 3702
    private static let groupV4 = "239.255.255.250"
    private static let groupV6 = "ff02::c"
    /// The largest datagram that UDP carries.
    static let largest = 65_536

    private let descriptor: FileDescriptor
    private let target: SocketAddress
    var raw: Int32 { descriptor.raw }

    /// For questions to every device of a network.
    ///
    /// - Throws: the error number of the system.
    init(_ network: LocalNetwork) throws(Errno) {
        switch network.address {
        case .v4(let address):
            let socket = try Self.make(AF_INET)
            try Self.set(socket.raw, Int32(IPPROTO_IP), IP_MULTICAST_IF, in_addr(s_addr: address))
            // A host with several networks must answer from here.
            try SocketAddress(v4: address, port: 0).bind(socket.raw)
            descriptor = socket
            target = SocketAddress(v4: inet_addr(Self.groupV4), port: Self.port)
        case .v6(let index):
            guard let group = SocketAddress(v6: Self.groupV6, port: Self.port, zone: index) else { throw Errno(EINVAL) }
            let socket = try Self.make(AF_INET6)
            try Self.set(socket.raw, Int32(IPPROTO_IPV6), IPV6_V6ONLY, Int32(1))
            try Self.set(socket.raw, Int32(IPPROTO_IPV6), IPV6_MULTICAST_IF, index)
            descriptor = socket
            target = group
        }
    }

    /// For the greetings of devices that start meanwhile. Bound to the group's address, it takes nothing from other programs.
    ///
    /// - Throws: the error number of the system.
    init(greetingsOf networks: [LocalNetwork]) throws(Errno) {
        let socket = try Self.make(AF_INET)
        let group = inet_addr(Self.groupV4)
        try Self.set(socket.raw, SOL_SOCKET, SO_REUSEADDR, Int32(1))
        try SocketAddress(v4: group, port: Self.port).bind(socket.raw)
        for case .v4(let address) in networks.map(\.address) {
            let member = ip_mreq(imr_multiaddr: in_addr(s_addr: group), imr_interface: in_addr(s_addr: address))
            // One group an interface; a second address of the same interface is no error.
            try? Self.set(socket.raw, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, member)
        }
        descriptor = socket
        target = SocketAddress(v4: group, port: Self.port)
    }

    /// - Throws: the error number of the system, such as that the network has no route.
    func send(_ message: String) throws(Errno) {
        let bytes = Array(message.utf8)
        let (_, code) = target.with { address, length in
            uninterrupted { sendto(descriptor.raw, bytes, bytes.count, 0, address, length) }
        }
        if code != 0 { throw Errno(code) }
    }

    /// The next datagram, if there is one, and the host it came from.
    func receive(into buffer: inout [UInt8]) -> (bytes: [UInt8], sender: String)? {
        var sender = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let (count, code) = withUnsafeMutablePointer(to: &sender) { sender in
            sender.withMemoryRebound(to: sockaddr.self, capacity: 1) { sender in
                uninterrupted { recvfrom(descriptor.raw, &buffer, buffer.count, 0, sender, &length) }
            }
        }
        guard code == 0, count >= 0, let host = SocketAddress.host(sender) else { return nil }
        return (Array(buffer[..<count]), host)
    }

    private static func make(_ family: Int32) throws(Errno) -> FileDescriptor {
        let type = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let raw = socket(family, Int32(bitPattern: type), 0)
        guard raw >= 0 else { throw .last }
        return FileDescriptor(owning: raw)
    }

    private static func set<Value: BitwiseCopyable>(_ raw: Int32, _ level: Int32, _ name: Int32, _ value: Value)
        throws(Errno)
    {
        var value = value
        guard setsockopt(raw, level, name, &value, socklen_t(MemoryLayout<Value>.size)) == 0 else { throw .last }
    }
}
