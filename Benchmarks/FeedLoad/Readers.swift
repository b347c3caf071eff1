import Glibc
import Synchronization
import System

/// Clients that read everything they receive, on one thread, and note when each record arrived.
final class Readers: Sendable {
    struct Tally {
        var latencies: [Double] = []
        /// The number of each client's last record.
        var last: [UInt64]
        /// The number of gaps and of records out of order.
        var faults = 0
    }

    private final class Shared: Sendable {
        let tally: Mutex<Tally>
        let isOver = Atomic(false)
        /// The last record that every client has received.
        let least = Atomic<UInt64>(0)

        init(count: Int) { tally = Mutex(Tally(last: Array(repeating: 0, count: count))) }
    }

    private let shared: Shared
    private let thread: NamedThread

    /// Connects the clients and starts reading.
    ///
    /// - Parameters:
    ///   - count: the number of clients.
    ///   - path: the event socket.
    ///   - request: a request that each client sends first.
    ///   - notesLatency: whether to note how late each record arrives.
    init(_ count: Int, at path: String, request: String? = nil, notesLatency: Bool) throws {
        let shared = Shared(count: count)
        self.shared = shared
        let sockets = (0..<count).map { _ in connect(to: path) }
        thread = try NamedThread.start("readers") {
            Self.read(sockets, request, shared, notesLatency: notesLatency)
        }.get()
    }

    /// The number of the last record that every client has received.
    var least: UInt64 { shared.least.load(ordering: .acquiring) }

    func finish() -> Tally {
        shared.isOver.store(true, ordering: .releasing)
        thread.join()
        return shared.tally.withLock(\.self)
    }

    private static func read(_ sockets: [Int32], _ request: String?, _ shared: Shared, notesLatency: Bool) {
        var inputs = sockets.map { _ in [UInt8]() }
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        var tally = shared.tally.withLock(\.self)
        for socket in sockets {
            guard let request else { continue }
            let bytes = Array((request + "\n").utf8)
            _ = send(socket, bytes, bytes.count, 0)
        }
        var polled = sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while !shared.isOver.load(ordering: .acquiring) {
            guard poll(&polled, nfds_t(polled.count), 20) > 0 else { continue }
            for index in polled.indices where polled[index].revents != 0 {
                let count = recv(sockets[index], &chunk, chunk.count, 0)
                guard count > 0 else {
                    polled[index].fd = -1
                    tally.faults += 1
                    continue
                }
                let time = notesLatency ? now() : nil
                inputs[index] += chunk[..<count]
                var start = 0
                inputs[index].withUnsafeBytes { bytes in
                    while let end = memchr(bytes, UInt8(ascii: "\n"), from: start) {
                        take(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), index, at: time, &tally)
                        start = end + 1
                    }
                }
                inputs[index].removeSubrange(..<start)
            }
            shared.least.store(tally.last.min() ?? 0, ordering: .releasing)
        }
        for socket in sockets { close(socket) }
        shared.tally.withLock { [tally] in $0 = tally }
    }

    private static func take(_ line: UnsafeRawBufferPointer, _ index: Int, at time: Double?, _ tally: inout Tally) {
        guard line.starts(with: #"{"type":"event","seq":"#.utf8) else {
            if line.starts(with: #"{"type":"gap""#.utf8) || line.starts(with: #"{"type":"error""#.utf8) {
                tally.faults += 1
            }
            return
        }
        let digits = line[22...].prefix { (0x30...0x39).contains($0) }
        let seq = digits.reduce(0 as UInt64) { $0 * 10 + UInt64($1 - 0x30) }
        if tally.last[index] != 0, seq != tally.last[index] + 1 { tally.faults += 1 }
        tally.last[index] = seq
        guard let time, let base = line.baseAddress else { return }
        var start = 0
        while let quote = memchr(line, UInt8(ascii: "\""), from: start) {
            start = quote + 1
            guard line.count - quote > 40, memcmp(base + quote, #""score":"#, 8) == 0 else { continue }
            tally.latencies.append(time - strtod((base + quote + 8).assumingMemoryBound(to: CChar.self), nil))
            return
        }
    }

    private static func memchr(_ bytes: UnsafeRawBufferPointer, _ byte: UInt8, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = Glibc.memchr(base + start, Int32(byte), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}

/// A connected socket. Ends the program if the connection fails.
func connect(to path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
    }
    guard result == 0 else {
        perror(path)
        exit(1)
    }
    return descriptor
}
