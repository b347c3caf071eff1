import Foundation
import Synchronization
import TestSupport
import Testing

@testable import EventFeed
@testable import HTTP
@testable import System
@testable import WebhookFeed

/// What counts as an answer, by a server that answers byte for byte what the test says.
@Suite(.ownThread) struct WebhookSenderTests {
    /// Once the status is there, the receiver has the record. The rest of its answer may break off.
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 200),
        ("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n", 202),
        ("HTTP/1.1 410 Gone\r\nContent-Length: 100\r\n\r\n", 410),
    ])
    func anAnswerThatBreaksOffIsOne(answer: String, status: Int) throws {
        #expect(try sent(to: AnsweringServer(Array(answer.utf8))) == status)
    }

    @Test func anAnswerWithoutEndIsOne() throws {
        let server = try AnsweringServer(Array("HTTP/1.1 200 OK\r\n\r\n".utf8), endlessly: true)
        #expect(try sent(to: server) == 200)
        // It was not read for as long as it came.
        try blockUntil("the connection's end") { server.wasLeft }
    }

    /// An interim answer is none: the receiver may not have the record.
    @Test(arguments: ["", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n"])
    func withoutAStatusThereIsNoAnswer(answer: String) throws {
        let server = try AnsweringServer(Array(answer.utf8))
        let failure = #expect(throws: HTTPTransfer.Failure.self) { try sent(to: server) }
        #expect(failure?.isPassing == true)
    }

    private func sent(to server: AnsweringServer) throws -> Int {
        defer { withExtendedLifetime(server) {} }
        var settings = WebhookSettings()
        settings.url = "http://127.0.0.1:\(server.port)/"
        let line = #"{"type":"event","seq":7,"state":"started","stream":"door","label":"fall"}"#
        let record = try #require(WebhookRecord(FeedMessage(parsing: line), line: line))
        let sender = try #require(WebhookSender(settings, version: "1"))
        return try sender.send(WebhookRequest(record, picture: nil, template: .json), id: "a-7") { false }.status
    }
}

/// Answers each request with the same bytes and closes the connection, or goes on with it until the client leaves.
private final class AnsweringServer: Sendable {
    private final class Outcome: Sendable {
        let wasLeft = Atomic(false)
    }

    let port: UInt16
    private let listening: FileDescriptor
    private let outcome = Outcome()
    private let thread: NamedThread

    /// Whether a client has left an answer that goes on.
    var wasLeft: Bool { outcome.wasLeft.load(ordering: .acquiring) }

    init(_ answer: [UInt8], endlessly: Bool = false) throws {
        let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(raw >= 0)
        listening = FileDescriptor(owning: raw)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(raw, pointer, length) == 0 && getsockname(raw, pointer, &length) == 0
            }
        }
        try #require(isBound && listen(raw, 8) == 0)
        port = UInt16(bigEndian: address.sin_port)
        thread = try NamedThread.start("answers") { [outcome] in
            // Until the socket is shut down.
            while case let client = accept(raw, nil, nil), client >= 0 {
                if Self.serve(client, answer, endlessly) { outcome.wasLeft.store(true, ordering: .releasing) }
                close(client)
            }
        }.get()
    }

    deinit {
        shutdown(listening.raw, Int32(SHUT_RDWR))
        thread.join()
    }

    /// Whether the client has left an answer that goes on.
    private static func serve(_ client: Int32, _ answer: [UInt8], _ endlessly: Bool) -> Bool {
        var request: [UInt8] = []
        var received = [UInt8](repeating: 0, count: 4096)
        // The body is one JSON object.
        while request.last != UInt8(ascii: "}") {
            let count = recv(client, &received, received.count, 0)
            guard count > 0 else { return false }
            request += received[..<count]
        }
        guard send(client, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count, endlessly else { return false }
        while send(client, received, received.count, Int32(MSG_NOSIGNAL)) > 0 {}
        return true
    }
}
