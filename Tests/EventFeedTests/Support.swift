import Events
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import EventFeed
@testable import System
@testable import Text

/// A hub with its server on a socket of its own.
final class RunningFeed: Sendable {
    let directory: TemporaryDirectory
    let hub: EventHub
    let server: FeedServer

    init(capacity: Int = 10_000, limits: FeedLimits = FeedLimits()) throws {
        directory = try TemporaryDirectory()
        hub = EventHub(version: "1.2.3", streams: ["door", "yard"], historyCapacity: capacity)
        server = try FeedServer(path: directory.socket, hub: hub, limits: limits)
        try server.start()
    }

    deinit {
        server.stop()
    }

    func connect() throws -> Subscriber { try Subscriber(path: directory.socket) }
}

/// A client that reads JSON and does not wait for ever.
struct Subscriber: ~Copyable {
    var client: LineSocket
    let hello: JSONValue

    init(path: String) throws {
        var client = try LineSocket(connectingTo: path)
        let hello = try Self.read(&client)
        try #require(hello.type == "hello")
        self.client = client
        self.hello = hello
    }

    func send(_ line: String) throws { try client.send(line) }

    mutating func next() throws -> JSONValue { try Self.read(&client) }

    /// Subscribes and reads until the snapshot that answers.
    mutating func subscribe(_ request: String) throws -> JSONValue {
        try send(#"{"subscribe":\#(request)}"#)
        while true {
            let line = try next()
            if line["type"]?.string == "snapshot" { return line }
            try #require(line["type"]?.string != "error", "\(line)")
        }
    }

    mutating func next(_ count: Int) throws -> [JSONValue] {
        var lines: [JSONValue] = []
        for _ in 0..<count { lines.append(try next()) }
        return lines
    }

    private static func read(_ client: inout LineSocket) throws -> JSONValue {
        guard case .line(let text) = try client.nextLine(timeout: patience) else {
            throw NoLine()
        }
        return try JSONValue(parsing: text)
    }

    struct NoLine: Error {}
}

extension JSONValue {
    var seq: Int64? { self["seq"]?.integer }
    var type: String? { self["type"]?.string }
}

extension FeedRecord {
    static func sample(
        _ state: LabelEvent.State = .started,
        stream: String = "door",
        label: String = "parcel",
        id: String = "a",
        text: String = "a parcel"
    ) -> FeedRecord {
        .event(
            LabelEvent(
                id: id,
                state: state,
                stream: stream,
                label: label,
                text: text,
                score: 0.8,
                topScore: 0.8,
                threshold: 0.6,
                startTime: UTCTime(microseconds: 0),
                windowSeconds: 5,
                model: "tiny",
                confirmed: true,
                time: UTCTime(microseconds: 0)
            )
        )
    }

    static func health(_ stream: String, _ state: StreamHealth.State = .online) -> FeedRecord {
        .stream(StreamHealth(stream: stream, state: state, since: UTCTime(microseconds: 0)))
    }
}

/// The sockets of a server's `path` that this process has open, its clients' among them: other tests open their own meanwhile.
func openSocketCount(of path: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }.count { descriptor in
        [getsockname, getpeername].contains { name in
            var address = sockaddr_un()
            var length = socklen_t(MemoryLayout<sockaddr_un>.size)
            let code = withUnsafeMutableBytes(of: &address) { bytes in
                name(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
            }
            guard code == 0, address.sun_family == AF_UNIX else { return false }
            return withUnsafeBytes(of: address.sun_path) { $0.prefix { $0 != 0 }.elementsEqual(path.utf8) }
        }
    }
}
