import Text

/// An answer: its status, its fields and its whole body.
struct HTTPResponse: Sendable, Equatable {
    struct Header: Sendable, Equatable {
        var name: String
        var value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    var status = 200
    var headers: [Header] = []
    var body: [UInt8] = []
    /// Whether the connection ends after this answer.
    var closes = false

    static func json(_ line: JSONLine, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: [Header("Content-Type", "application/json")], body: line.bytes)
    }

    static func content(_ type: String, _ body: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: [Header("Content-Type", type)], body: body)
    }

    /// The fields of every answer. They forbid browsers to store it or guess its type, to load from other sites, to send
    /// a referrer, and to frame it elsewhere than on `ancestors`.
    private static func always(_ ancestors: [String]) -> [Header] {
        let framing = ancestors.isEmpty ? "'none'" : (["'self'"] + ancestors).joined(separator: " ")
        // X-Frame-Options, for old browsers, knows no list.
        return (ancestors.isEmpty ? [Header("X-Frame-Options", "DENY")] : []) + [
            Header("Cache-Control", "no-store"),
            Header("X-Content-Type-Options", "nosniff"),
            Header("Referrer-Policy", "no-referrer"),
            Header("Cross-Origin-Resource-Policy", "same-origin"),
            Header("Cross-Origin-Opener-Policy", "same-origin"),
            Header(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
                    + "form-action 'self'; base-uri 'none'; frame-ancestors \(framing)"
            ),
        ]
    }

    /// The head of an answer without an end, for live events.
    ///
    /// `X-Accel-Buffering` makes nginx pass each event on at once; it would collect them.
    static func endlessHead(framedBy ancestors: [String]) -> [UInt8] {
        let fields = [
            Header("Content-Type", "text/event-stream; charset=utf-8"), Header("X-Accel-Buffering", "no"),
            Header("Connection", "close"),
        ]
        return head(status: 200, fields, ancestors)
    }

    /// The answer as bytes. An answer to HEAD has no body, but gives its length.
    func bytes(toHead: Bool, framedBy ancestors: [String]) -> [UInt8] {
        let own =
            headers + [
                Header("Content-Length", "\(body.count)"), Header("Connection", closes ? "close" : "keep-alive"),
            ]
        return Self.head(status: status, own, ancestors) + (toHead ? [] : body)
    }

    private static func head(status: Int, _ headers: [Header], _ ancestors: [String]) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(reason(status))\r\n"
        for header in headers + always(ancestors) { text += "\(header.name): \(header.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 303: "See Other"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 421: "Misdirected Request"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Answer"
        }
    }
}
