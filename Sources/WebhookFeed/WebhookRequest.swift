import Foundation
import HTTP
import System
import Text

/// What is sent for a record: the body in its form, and the headers that go with it.
struct WebhookRequest {
    private(set) var method = "POST"
    private(set) var contentType: String
    private(set) var headers: [HTTPHeader] = []
    private(set) var body: [UInt8]

    /// - Parameters:
    ///   - record: what happened.
    ///   - picture: a JPEG that goes along; nil for none.
    ///   - template: the form of the body.
    init(_ record: WebhookRecord, picture: [UInt8]?, template: WebhookTemplate) {
        switch template {
        case .json: (contentType, body) = (Self.json, Array(record.line.utf8))
        case .slack:
            var line = JSONLine()
            line.add("text", "*\(Self.escapedForSlack(record.title))*\n\(Self.escapedForSlack(record.message))")
            (contentType, body) = (Self.json, Array(line.text.utf8))
        case .own(let text):
            (contentType, body) = (text.isJSON ? Self.json : Self.plain, Array(text.render(record).utf8))
        case .ntfy:
            headers = [HTTPHeader("Title", Self.headerValue(record.title))]
            (contentType, body) = (Self.plain, Array(record.message.utf8))
            guard let picture else { return }
            // ntfy takes a file as the body, and the text as a header.
            method = "PUT"
            headers.append(HTTPHeader("Message", Self.headerValue(record.message)))
            headers.append(HTTPHeader("Filename", "\(record.pictured ?? "event").jpg"))
            (contentType, body) = ("image/jpeg", picture)
            return
        }
        if let picture { attach(picture, named: record.pictured ?? "event") }
    }

    /// The headers of a request: those of the template, then the operator's, which replace others of the same name.
    ///
    /// - Parameters:
    ///   - id: the same for each attempt to deliver the record.
    ///   - timestamp: of the attempt, in seconds since 1970.
    func headers(id: String, timestamp: Int64, for settings: WebhookSettings) -> [HTTPHeader] {
        var all = headers + [HTTPHeader("webhook-id", id), HTTPHeader("webhook-timestamp", "\(timestamp)")]
        if let secret = settings.secret.flatMap(WebhookSecret.init) {
            let signature = secret.signature(id: id, timestamp: timestamp, body: body)
            all.append(HTTPHeader("webhook-signature", signature))
        }
        let own = Set(settings.headers.map { $0.name.lowercased() })
        return all.filter { !own.contains($0.name.lowercased()) }
            + settings.headers.filter { $0.name.lowercased() != "content-type" }
    }

    /// Whether the body has several parts.
    var isForm: Bool { contentType.hasPrefix("multipart/") }

    // MARK: - Parts

    private static let json = "application/json"
    private static let plain = "text/plain; charset=utf-8"

    /// Makes the body a form of two parts, `event` and `picture`.
    private mutating func attach(_ picture: [UInt8], named name: String) {
        let boundary = "watchword-\(RandomIdentifier.make())"
        func head(_ part: String, _ type: String) -> [UInt8] {
            Array("--\(boundary)\r\nContent-Disposition: form-data; \(part)\r\nContent-Type: \(type)\r\n\r\n".utf8)
        }
        body =
            head("name=\"event\"", contentType) + body + Array("\r\n".utf8)
            + head("name=\"picture\"; filename=\"\(name).jpg\"", "image/jpeg") + picture
            + Array("\r\n--\(boundary)--\r\n".utf8)
        contentType = "multipart/form-data; boundary=\(boundary)"
    }

    /// Slack reads `<`, `>` and `&` as its own marks.
    private static func escapedForSlack(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// Text beyond ASCII as RFC 2047 has it, which ntfy reads.
    private static func headerValue(_ text: String) -> String {
        let text = text.escapingControlCharacters()
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) || text.contains("=?") else { return text }
        return "=?UTF-8?B?\(Data(text.utf8).base64EncodedString())?="
    }
}
