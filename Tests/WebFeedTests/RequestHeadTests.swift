import Testing

@testable import WebFeed

@Suite("A request's head")
struct RequestHeadTests {
    private static func parse(_ text: String) throws(HTTPFault) -> RequestHead {
        try RequestHead(parsing: Array(text.utf8))
    }

    private static func status(_ bytes: [UInt8]) -> Int? {
        do throws(HTTPFault) {
            _ = try RequestHead(parsing: bytes)
            return nil
        } catch {
            return error.status
        }
    }

    @Test func aBrowsersRequestIsRead() throws {
        let head = try Self.parse(
            "GET /api/v1/events?since=5&stream=do%2Ar+1&stream=yard HTTP/1.1\r\nHost: localhost:8642\r\n"
                + "accept:\t*/* \r\nCookie: a=1\r\ncookie: b=2\r\nX-Odd: \r\n\r\n"
        )
        #expect(!head.isHead)
        #expect(head.target.path == ["api", "v1", "events"])
        #expect(head.target["since"] == ["5"])
        #expect(head.target["stream"] == ["do*r 1", "yard"])
        #expect(head.target["label"] == [])
        #expect(head["host"] == "localhost:8642")
        #expect(head["accept"] == "*/*")
        #expect(head["cookie"] == "a=1; b=2")
        #expect(head["x-odd"] == "")
        #expect(head.keepsAlive)
    }

    @Test(arguments: [
        ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.1", "Connection: Upgrade, Close\r\n", false),
        ("HTTP/1.1", "", true), ("HTTP/1.0", "", false), ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
    ])
    func theConnectionLastsAsItsVersionSays(version: String, field: String, lasts: Bool) throws {
        let head = try Self.parse("HEAD / \(version)\r\nHost: a\r\n\(field)\r\n")
        #expect(head.keepsAlive == lasts)
        #expect(head.isHead)
        #expect(head.target.path == [])
    }

    @Test func dotsAndSlashesNameNothingElse() throws {
        let head = try Self.parse("GET /../a//%2e%2e%2fetc/ HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.target.path == ["..", "a", "", "../etc", ""])
    }

    @Test(arguments: [
        ("", 400), ("\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n", 400), ("GET /\r\nHost: a\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: a\n\n", 400), ("GET / HTTP/1.1\r\nHost: a\n\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400), ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\u{0}\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\u{7F}\r\n\r\n", 400),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /% HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /?a=%0a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / FTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505), ("POST / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405), ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", 413),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
    ])
    func whatIsMalformedIsRefused(text: String, status: Int) {
        #expect(Self.status(Array(text.utf8)) == status, "\(text.debugDescription)")
    }

    @Test func whatIsTooLongIsRefused() {
        let path = String(repeating: "a", count: 5000)
        #expect(Self.status(Array("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)) == 414)
        let fields = (0..<200).map { "X-\($0): 1\r\n" }.joined()
        #expect(Self.status(Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)) == 431)
        let long = String(repeating: "a", count: RequestHead.maxBytes)
        #expect(Self.status(Array("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n".utf8)) == 431)
    }

    /// Damage of every kind to a good head: an answer or a fault, never a trap.
    @Test func noDamageTraps() {
        let text = "GET /api/v1/streams/door/frame.jpg?t=%20a HTTP/1.1\r\nHost: [::1]:8642\r\nCookie: a\r\n\r\n"
        let good = Array(text.utf8)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(contentsOf: [13, 10], at: index)
                default: bytes.removeSubrange(index...)
                }
            }
            _ = Self.status(bytes)
        }
    }
}
