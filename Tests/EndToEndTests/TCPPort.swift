import Foundation
import Synchronization
import System
import TestSupport
import Testing

/// A TCP socket on 127.0.0.1.
enum TCPPort {
    private static let given = Mutex<Set<UInt16>>([])

    /// A port that nobody uses. Below the range from which the system deals out ports, so that no other test gets it by
    /// chance, and none that this function has given before.
    ///
    /// No socket tries it: a child that another test starts at that moment would keep it, and the port.
    static func free() throws -> UInt16 {
        let used = Set(sockets().map(\.port))
        for _ in 0..<200 {
            let port = UInt16.random(in: 20_000..<28_000)
            if !used.contains(port), given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw WaitedInVain(description: "no free port")
    }

    /// Whether a program of this machine listens there. It gets no connection by this.
    static func isListenedOn(_ port: UInt16) -> Bool { sockets().contains { $0.port == port && $0.listens } }

    /// The machine's sockets. Foundation reads no more than the first 4 KB of a file that has no size.
    private static func sockets() -> [(port: UInt16, listens: Bool)] {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].compactMap {
            try? RegularFile.contents(of: $0, limit: 1 << 24)
        }
        return tables.flatMap { String(decoding: $0, as: UTF8.self).split(separator: "\n") }.compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 3, let port = fields[1].split(separator: ":").last else { return nil }
            return UInt16(port, radix: 16).map { ($0, fields[3] == "0A") }
        }
    }

    fileprivate static func bound(to port: UInt16) -> Int32? {
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_INET, Int32(type), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = port.bigEndian
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isBound { return descriptor }
        close(descriptor)
        return nil
    }
}

/// Listens and never says a word: connections succeed, and then nothing comes.
final class SilentServer {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        port = try TCPPort.free()
        descriptor = try #require(TCPPort.bound(to: port))
        try #require(listen(descriptor, 64) == 0)
    }

    private var connections: [Int32] = []

    /// How many connections have come since the last `hangUp`.
    func waiting() -> Int {
        while case let connection = accept(descriptor, nil, nil), connection >= 0 { connections.append(connection) }
        return connections.count
    }

    /// Closes the connections that came, and says how many they were.
    func hangUp() -> Int {
        defer { connections = [] }
        let count = waiting()
        for connection in connections { close(connection) }
        return count
    }

    deinit {
        _ = hangUp()
        close(descriptor)
    }
}
