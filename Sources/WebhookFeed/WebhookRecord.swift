import EventFeed
import Text

/// A record of the feed as a webhook delivers it.
struct WebhookRecord {
    let seq: UInt64
    /// The line that subscribers of the event socket get, without its line feed.
    let line: String
    let value: JSONValue
    /// Nil for a state of an event that this version does not know.
    let moment: WebhookSettings.Moment?

    /// - Returns: nil for a message that is not a record.
    init?(_ message: FeedMessage, line: String) {
        switch message {
        case .event(let event):
            value = event.value
            moment = event.state.flatMap(WebhookSettings.Moment.init(rawValue:)).flatMap { $0 == .health ? nil : $0 }
        case .stream(let health):
            value = health.value
            moment = .health
        default: return nil
        }
        guard let seq = message.seq else { return nil }
        self.seq = seq
        self.line = line
    }

    var stream: String { value["stream"]?.string ?? "" }
    /// Nil for the state of a stream.
    var label: String? { value["label"]?.string }

    /// The event whose picture goes along; nil if there is none. An update says only that the event goes on.
    var pictured: String? {
        guard moment == .started || moment == .ended, value["picture"]?.string != nil else { return nil }
        return value["id"]?.string
    }

    /// When the record was made.
    var time: UTCTime? { (value["time"] ?? value["since"])?.string.flatMap(UTCTime.init(iso8601:)) }

    // MARK: - For people

    /// What happened where: `door: fall`.
    var title: String { "\(stream): \(label ?? value["state"]?.string ?? "?")" }

    /// What more there is to say: `a person falls, score 0.81`.
    var message: String {
        let score = value["score"]?.number.map { ", score \(PlainValue.text($0))" } ?? ""
        switch moment {
        case .ended: return "ended" + (value["duration"]?.number.map { " after \(PlainValue.text($0)) s" } ?? "")
        case .health: return value["reason"]?.string ?? "since \(value["since"]?.string ?? "now")"
        case .started, .updated, nil: return (value["text"]?.string ?? label ?? "?") + score
        }
    }
}

/// The values of a record as people read them.
enum PlainValue {
    static func text(_ number: Double) -> String { NumberText.format((number * 100).rounded() / 100) }

    static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .bool(let value): value ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number): text(number)
        case .string(let text): text.escapingControlCharacters()
        case .array, .object: json(value)
        }
    }

    private static func json(_ value: JSONValue) -> String {
        var bytes: [UInt8] = []
        value.writeJSON(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
