import EventFeed
import Foundation
import TestSupport
import Testing

@testable import Text
@testable import WebFeed

/// A web server on a free port, with an event socket of its own behind it.
final class RunningWeb: Sendable {
    let hub = EventHub(version: "1.2.3", streams: ["door"])
    let server: WebServer
    let port: UInt16
    private let directory: String
    private let feed: FeedServer

    /// `sources`: changes what is served.
    init(
        _ limits: WebLimits = .patient,
        token: String? = nil,
        frameAncestors: [String] = [],
        sources change: (inout WebSources) -> Void = { _ in }
    ) throws {
        directory = NSTemporaryDirectory() + "w-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let feed = try FeedServer(path: directory + "/e.sock", hub: hub)
        self.feed = feed
        try feed.start()
        var sources = WebSources(
            connect: { () throws(FeedError) in try feed.connect() },
            streams: { JSONLine() },
            picture: { $0 == "door" ? .none("nothing yet") : .noSuchStream },
            keepsake: { event, kind in event == "known" && kind == .picture ? Array("a strip".utf8) : nil },
            unreadiness: { nil },
            metrics: nil
        )
        change(&sources)
        // Somebody may take a port between the look and the start.
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<30_000)
            let listen = ListenAddress(ipv4: (127, 0, 0, 1), port: port)
            let settings = WebSettings(listen: listen, token: token, frameAncestors: frameAncestors)
            let server = WebServer(settings, sources: sources, limits: limits)
            do {
                try server.start()
            } catch {
                continue
            }
            (self.server, self.port) = (server, port)
            return
        }
        throw WebFeedError(code: .inUse, message: "no free port")
    }

    deinit {
        server.stop()
        feed.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func connect() throws -> Visitor { try Visitor(port: port) }

    /// The whole of the answer to a request.
    func ask(_ path: String, _ fields: String...) throws -> String {
        let visitor = try connect()
        let lines = fields.map { $0 + "\r\n" }.joined()
        visitor.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(lines)\r\n")
        return visitor.readToEnd()
    }
}

extension WebLimits {
    /// As patient with a slow client as the tests are.
    static var patient: WebLimits {
        var limits = WebLimits()
        (limits.headTime, limits.idleTime, limits.answerTime) = (patience, patience, patience)
        return limits
    }
}

/// A client that sends what it is told, and blocks while it reads.
final class Visitor {
    private let descriptor: Int32
    private(set) var text = ""

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: Int(patience.components.seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let address = ListenAddress(ipv4: (127, 0, 0, 1), port: port)
        let result = address.withPointer { Glibc.connect(descriptor, $0, $1) }
        guard result == 0 else {
            close(descriptor)
            throw WebFeedError(code: .system, message: "nobody listens on port \(port)")
        }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Reads on until the text holds this; false where the connection ends before.
    @discardableResult
    func read(until part: String?) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while part.map({ !text.contains($0) }) ?? true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return false }
            text += String(decoding: chunk[..<count], as: UTF8.self)
        }
        return true
    }

    func readToEnd() -> String {
        read(until: nil)
        return text
    }
}
