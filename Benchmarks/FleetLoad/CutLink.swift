import Glibc
import Synchronization
import System

/// A link to a server that can be cut in either direction. What is sent over a cut direction waits until it is whole again, as
/// over a network that loses packets.
final class CutLink: Sendable {
    enum Direction: CaseIterable, Sendable { case toServer, toClient }

    /// As a host's settings name it.
    let address: String
    private let target: UInt16
    private let listener: Int32
    private let directions = Mutex<Set<Direction>>([])
    private let isClosed = Atomic(false)
    private let descriptors = Mutex<[Int32]>([])

    /// - Parameter port: of a server on this machine.
    init(to port: UInt16) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var own = Self.address(0)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        guard isBound == 0, listen(listener, 16) == 0 else { throw LoadError("no port for a link") }
        var length = size
        _ = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        (target, self.listener) = (port, listener)
        address = "nats://127.0.0.1:\(UInt16(bigEndian: own.sin_port))"
        descriptors.withLock { $0.append(listener) }
        run("link") { [self] in accept() }
    }

    deinit { close() }

    func cut(_ cut: Set<Direction>) { directions.withLock { $0 = cut } }
    func heal() { cut([]) }

    /// Ends all connections. Its threads end with them.
    func close() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for descriptor in descriptors.withLock(\.self) { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private func run(_ name: String, _ body: @escaping @Sendable () -> Void) {
        if case .success(let thread) = NamedThread.start(name, body) { thread.detach() }
    }

    private func accept() {
        while !isClosed.load(ordering: .acquiring) {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            // A server that is started later would hold it open.
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = Self.address(target)
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, size) }
            }
            descriptors.withLock { $0 += [client, server] }
            guard isConnected == 0 else {
                _ = shutdown(client, Int32(SHUT_RDWR))
                continue
            }
            run("link-up") { [self] in pump(from: client, to: server, .toServer) }
            run("link-down") { [self] in pump(from: server, to: client, .toClient) }
        }
    }

    private func pump(from source: Int32, to sink: Int32, _ direction: Direction) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isClosed.load(ordering: .acquiring) {
            let count = read(source, &buffer, buffer.count)
            guard count > 0 else { break }
            while directions.withLock({ $0.contains(direction) }), !isClosed.load(ordering: .acquiring) { usleep(5000) }
            var sent = 0
            while sent < count {
                let more = buffer[sent..<count].withUnsafeBytes { bytes in
                    send(sink, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                }
                guard more > 0 else { return }
                sent += more
            }
        }
        _ = shutdown(sink, Int32(SHUT_RDWR))
    }
}
