import Text

/// The form of a webhook's body.
package enum WebhookTemplate: Sendable, Equatable {
    /// The line of the event socket.
    case json
    /// For ntfy: a notification with a title.
    case ntfy
    /// For Slack, Mattermost and others that read its form.
    case slack
    /// The operator's own text, with placeholders.
    case own(Text)

    /// Why a text is no template.
    package struct Fault: Error, Equatable {
        /// Continues a sentence whose subject is the template.
        package var message: String
        package var remedy: String

        package init(message: String, remedy: String) {
            self.message = message
            self.remedy = remedy
        }
    }

    /// The names of the built-in ones.
    package static let names = ["json", "ntfy", "slack"]

    /// Reads the name of a built-in template, or a text with placeholders.
    package init(_ text: String) throws(Fault) {
        switch text {
        case "json": self = .json
        case "ntfy": self = .ntfy
        case "slack": self = .slack
        default: self = .own(try Text(text))
        }
    }

    /// As it was written.
    package var description: String {
        switch self {
        case .json: "json"
        case .ntfy: "ntfy"
        case .slack: "slack"
        case .own(let text): text.source
        }
    }
}

extension WebhookTemplate {
    /// A text with `{{NAME}}` for the record's fields.
    ///
    /// A text that begins as a JSON object is JSON. Within its strings a field is escaped, and elsewhere it is a JSON value. So
    /// the body stays JSON of the same form for every record.
    package struct Text: Sendable, Equatable {
        /// The names that stand for something else than the record's member of that name.
        private static let made = ["event", "title", "message"]
        /// Every name.
        package static let fields =
            made + [
                "type", "seq", "id", "state", "stream", "label", "text", "score", "top_score", "threshold", "part",
                "start_time", "end_time", "duration", "end_reason", "window_seconds", "model", "confirmed", "time",
                "reason", "since",
            ]

        private enum Part: Sendable, Equatable {
            case text(String)
            case field(String, isInString: Bool)
        }

        let source: String
        private let parts: [Part]
        /// Whether the body is JSON.
        let isJSON: Bool

        init(_ source: String) throws(Fault) {
            let parts = try Self.parts(source)
            guard parts.contains(where: { if case .field = $0 { true } else { false } }) else {
                let names = WebhookTemplate.names.joined(separator: ", ")
                throw Fault(
                    message: "is neither \(names) nor a text with placeholders",
                    remedy: "write placeholders in it, such as {{label}} and {{stream}}"
                )
            }
            self.source = source
            self.parts = parts
            let start = source.drop(while: \.isWhitespace)
            let isObject = start.hasPrefix("{") && !start.hasPrefix("{{")
            // A text may begin with a bracket too.
            isJSON = isObject || start.hasPrefix("[") && Self.isJSON(parts)
            guard !isObject || Self.isJSON(parts) else {
                throw Fault(
                    message: "begins as JSON, but is none once its placeholders are filled in",
                    remedy: "check its quotes, commas and braces"
                )
            }
        }

        /// The body for a record.
        func render(_ record: WebhookRecord) -> String {
            Self.render(parts, isJSON: isJSON) { name in
                switch name {
                case "event": record.value
                case "title": .string(record.title)
                case "message": .string(record.message)
                default: record.value[name] ?? .null
                }
            }
        }

        // MARK: - Parts

        private static func parts(_ source: String) throws(Fault) -> [Part] {
            var parts: [Part] = []
            var quotes = QuoteScanner()
            var rest = source[...]
            while let open = rest.firstRange(of: "{{") {
                let before = rest[..<open.lowerBound]
                quotes.read(before)
                if !before.isEmpty { parts.append(.text(String(before))) }
                rest = rest[open.upperBound...]
                guard let close = rest.firstRange(of: "}}") else {
                    throw Fault(message: "has a {{ that is not closed", remedy: "close it with }}")
                }
                let name = rest[..<close.lowerBound].filter { !$0.isWhitespace }
                guard fields.contains(name) else {
                    throw Fault(
                        message: "has an unknown placeholder",
                        remedy: "the placeholders are \(fields.joined(separator: ", "))"
                    )
                }
                parts.append(.field(name, isInString: quotes.isInString))
                rest = rest[close.upperBound...]
            }
            return rest.isEmpty ? parts : parts + [.text(String(rest))]
        }

        private static func render(_ parts: [Part], isJSON: Bool, _ value: (String) -> JSONValue) -> String {
            parts.reduce(into: "") { text, part in
                switch part {
                case .text(let own): text += own
                case .field(let name, let isInString):
                    let value = value(name)
                    var bytes: [UInt8] = []
                    if isJSON, !isInString {
                        value.writeJSON(into: &bytes)
                    } else if isJSON {
                        PlainValue.text(value).writeJSON(into: &bytes)
                        bytes = Array(bytes.dropFirst().dropLast())
                    } else {
                        bytes = Array(PlainValue.text(value).utf8)
                    }
                    text += String(decoding: bytes, as: UTF8.self)
                }
            }
        }

        private static func isJSON(_ parts: [Part]) -> Bool {
            let samples: [JSONValue] = [.null, .string("a \"b\""), .number(0.5), ["a": "b"]]
            return samples.allSatisfy { sample in
                (try? JSONValue(parsing: render(parts, isJSON: true) { _ in sample })) != nil
            }
        }
    }
}

/// Reads pieces of JSON and knows whether their end is within a string.
private struct QuoteScanner {
    private(set) var isInString = false
    private var isEscaped = false

    mutating func read(_ text: Substring) {
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
            } else if isInString, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            }
        }
    }
}
