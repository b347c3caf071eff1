import Foundation
import TestSupport
import Testing
import Text

/// A client of the event socket that knows nothing but a Unix socket and lines, as `nc -U` does.
final class SocketClient {
    private let descriptor: Int32
    private var input: [UInt8] = []
    /// All that ever came.
    private(set) var lines: [JSONValue] = []
    private(set) var text = ""
    private(set) var isClosed = false
    private var position = 0

    init(path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        try #require(Self.connect(descriptor, path), "nobody serves \(path): \(String(cString: strerror(errno)))")
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// Whether somebody listens there.
    static func isServed(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        return connect(descriptor, path)
    }

    func send(_ line: String) throws {
        let isTaken = offer(line)
        try #require(isTaken)
    }

    /// False where the server has closed the connection.
    func offer(_ line: String) -> Bool {
        let bytes = Array((line + "\n").utf8)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// The next line for which the condition holds; those before it are passed over, but kept in `lines`.
    @discardableResult
    func next(_ what: String, where condition: (JSONValue) -> Bool) async throws -> JSONValue {
        try await eventually(what, context: { text.suffix(2000).description }) {
            try read()
            while position < lines.count {
                position += 1
                if condition(lines[position - 1]) { return lines[position - 1] }
            }
            try #require(!isClosed, "the daemon closed the connection before: \(what)")
            return nil
        }
    }

    /// Waits for a line that may have come before what the test has waited for so far, as of another stream.
    func any(_ what: String, where condition: (JSONValue) -> Bool) async throws {
        try await eventually(what, context: { text.suffix(2000).description }) {
            try read()
            if lines.contains(where: condition) { return true }
            try #require(!isClosed, "the daemon closed the connection before: \(what)")
            return false
        }
    }

    /// Reads until the daemon closes the connection.
    func readToEnd() async throws {
        try await eventually("the end of the connection") {
            try read()
            return isClosed
        }
    }

    /// Takes what has come.
    func read() throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !isClosed {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { break }
            if count <= 0 { isClosed = true }
            if count > 0 { input += chunk[..<count] }
        }
        var start = 0
        while let end = input[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: input[start..<end], as: UTF8.self)
            start = end + 1
            text += line + "\n"
            lines.append(try JSONValue(parsing: line))
        }
        input.removeSubrange(..<start)
    }

    private static func connect(_ descriptor: Int32, _ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) == 0 }
        }
    }
}

extension JSONValue {
    var type: String? { self["type"]?.string }
    var state: String? { self["state"]?.string }
    var seq: Int64? { self["seq"]?.integer }

    /// A record on the health of a stream, with these words in its reason. (A busy machine reports a stream offline that it still
    /// connects to, with that reason.)
    func isStream(_ name: String, _ state: String, because words: String = "") -> Bool {
        guard type == "stream", self["stream"]?.string == name, self.state == state else { return false }
        return words.isEmpty || self["reason"]?.string?.contains(words) == true
    }

    func isEvent(_ state: String, of stream: String) -> Bool {
        type == "event" && self["stream"]?.string == stream && self.state == state
    }

    func isScores(of stream: String) -> Bool { type == "scores" && self["stream"]?.string == stream }

    /// The members' names, in order.
    var keys: [String] { if case .object(let members) = self { members.map(\.key) } else { [] } }
}

/// Expects the numbers of these records to rise by one from each to the next: nothing missing, nothing doubled.
func expectNoGap(_ lines: [JSONValue], sourceLocation: SourceLocation = #_sourceLocation) {
    let numbers = lines.filter { $0.type == "event" || $0.type == "stream" }.compactMap(\.seq)
    #expect(!numbers.isEmpty, sourceLocation: sourceLocation)
    for (number, next) in zip(numbers, numbers.dropFirst()) {
        #expect(next == number + 1, "\(numbers)", sourceLocation: sourceLocation)
    }
}

extension SocketClient {
    /// The first line that a client gets there.
    static func hello(of path: String) throws -> JSONValue {
        let client = try SocketClient(path: path)
        try blockUntil("the greeting") {
            try client.read()
            return !client.lines.isEmpty
        }
        return try #require(client.lines.first)
    }
}
