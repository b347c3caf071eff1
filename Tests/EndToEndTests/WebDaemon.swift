import Foundation
import TestSupport
import Testing
import Text

/// A daemon with the live page on a free port.
struct WebDaemon {
    let daemon: ChildProcess
    let port: UInt16
    let directory: TemporaryDirectory

    /// `http`: more lines of its section. `host`: what is listened on.
    static func with<Result>(
        _ streams: String,
        http: String = "",
        host: String = "127.0.0.1",
        environment: [String: String?] = [:],
        in directory: TemporaryDirectory,
        _ body: (WebDaemon) async throws -> Result
    ) async throws -> Result {
        let port = try TCPPort.free()
        // The section stands before the streams: `with` writes them last.
        let section = streams + "http:\n  listen: \(host):\(port)\n\(http)"
        return try await DaemonProcess.with(section, environment: environment, in: directory) { daemon in
            let web = WebDaemon(daemon: daemon, port: port, directory: directory)
            try await eventually("the page", context: { daemon.errors }) { try? web.connect() }.close()
            return try await body(web)
        }
    }

    var base: String { "http://127.0.0.1:\(port)" }

    func connect() throws -> RawConnection { try RawConnection(port: port) }

    /// Sends a request as it stands and reads to the connection's end.
    func exchange(_ request: String) async throws -> String {
        let connection = try connect()
        defer { connection.close() }
        connection.send(request)
        return try await connection.readToEnd()
    }

    /// The answer to a plain request with these fields.
    func get(_ path: String, _ fields: String...) async throws -> WebAnswer {
        let lines = (["Host: 127.0.0.1:\(port)", "Connection: close"] + fields).map { $0 + "\r\n" }.joined()
        return try WebAnswer(try await exchange("GET \(path) HTTP/1.1\r\n\(lines)\r\n"))
    }
}

/// An answer, taken apart.
struct WebAnswer {
    var status: Int
    var headers: [String: String] = [:]
    var body: String

    init(_ text: String) throws {
        let end = try #require(text.range(of: "\r\n\r\n"), "\(text)")
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        status = try #require(lines.first.flatMap { Int($0.split(separator: " ")[1]) }, "\(text)")
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        body = String(text[end.upperBound...])
    }

    var json: JSONValue { get throws { try JSONValue(parsing: body.trimmingCharacters(in: .newlines)) } }
    var errorCode: String? { try? json["error"]?["code"]?.string }
}

/// A TCP connection that sends what it is told, sense or not.
final class RawConnection {
    private let descriptor: Int32
    private(set) var received = Data()
    private(set) var hasEnded = false

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = port.bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            Glibc.close(descriptor)
            throw WaitedInVain(description: "nobody listens on port \(port)")
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    var text: String { String(decoding: received, as: UTF8.self) }

    /// Takes what has come.
    func read() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !hasEnded {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return }
            if count <= 0 { hasEnded = true } else { received.append(contentsOf: chunk[..<count]) }
        }
    }

    func readToEnd() async throws -> String {
        try await eventually("the end of the answer", context: { text }) {
            read()
            return hasEnded
        }
        return text
    }

    /// Reads until the text holds this.
    func until(_ part: String) async throws {
        try await eventually(part, context: { text }) {
            read()
            return text.contains(part)
        }
    }

    func close() { Glibc.close(descriptor) }
}
