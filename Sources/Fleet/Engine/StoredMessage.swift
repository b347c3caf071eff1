import Foundation
import Text

/// A message of a stream.
struct StoredMessage: Sendable, Equatable {
    var subject: String
    var sequence: UInt64
    var headers: [String: String] = [:]
    var payload: [UInt8] = []
    /// When the stream's leader stored it, by its clock; nil if the engine does not say.
    var time: UTCTime?
}

extension StoredMessage {
    /// Whether the entry of a bucket was removed or emptied.
    var isRemoved: Bool { payload.isEmpty || headers[EngineMessage.Header.operation] != nil }

    /// Reads the engine's answer to `EngineRequests.last` or `.message`; nil if it is not one.
    init?(_ answer: JSONValue) {
        guard let message = answer["message"], let subject = message["subject"]?.string,
            let sequence = message["seq"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        self.init(subject: subject, sequence: sequence, time: message["time"]?.string.flatMap(UTCTime.init(rfc3339:)))
        if let text = message["hdrs"]?.string, let bytes = Data(base64Encoded: text) {
            headers = Self.headers(String(decoding: bytes, as: UTF8.self))
        }
        if let text = message["data"]?.string, let bytes = Data(base64Encoded: text) { payload = Array(bytes) }
    }

    /// The lines `Name: value` after the first line, which names the protocol.
    private static func headers(_ text: String) -> [String: String] {
        var headers: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline).dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[String(line[..<colon])] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return headers
    }

    func number(_ header: String) -> UInt64? { headers[header].flatMap { UInt64($0) } }
}
