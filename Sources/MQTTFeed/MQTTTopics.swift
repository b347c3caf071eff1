/// The topics of all messages.
///
///     watchword/status                     online, offline              retained, last will
///     watchword/door/health                {"state":"online",…}         retained
///     watchword/door/event                 the records of the feed      momentary
///     watchword/door/fall/state            ON, OFF                      retained
///     watchword/door/fall/attributes       the last event of the label  retained
///     watchword/door/fall/picture          its picture, as JPEG         retained
struct MQTTTopics: Sendable, Equatable {
    let prefix: String

    var status: String { "\(prefix)/status" }

    func health(of stream: String) -> String { "\(prefix)/\(stream)/health" }
    func event(of stream: String) -> String { "\(prefix)/\(stream)/event" }

    func state(of label: String, in stream: String) -> String {
        "\(prefix)/\(stream)/\(Self.level(of: label))/state"
    }

    func attributes(of label: String, in stream: String) -> String {
        "\(prefix)/\(stream)/\(Self.level(of: label))/attributes"
    }

    func picture(of label: String, in stream: String) -> String {
        "\(prefix)/\(stream)/\(Self.level(of: label))/picture"
    }

    /// All retained topics of these streams.
    func retained(of streams: [MQTTStream], hasPictures: Bool) -> Set<String> {
        var topics: Set<String> = []
        for stream in streams {
            topics.insert(health(of: stream.name))
            for label in stream.labels {
                topics.insert(state(of: label.name, in: stream.name))
                topics.insert(attributes(of: label.name, in: stream.name))
                if hasPictures { topics.insert(picture(of: label.name, in: stream.name)) }
            }
        }
        return topics
    }

    /// The label's name as one level of a topic and part of an identifier, of a-z, 0-9, _ and -: the name itself, or
    /// the words of a text with hyphens between them. A hash of the text follows if that form loses characters. The
    /// level is the same in every run, and two labels of a stream never share one.
    static func level(of name: String) -> String {
        let words = name.split(separator: " ", omittingEmptySubsequences: false)
        let isPlain = words.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isWordByte) }
        if isPlain, name.utf8.count <= 64 { return words.joined(separator: "-") }
        let spelled = String(decoding: name.lowercased().utf8.filter { isWordByte($0) || $0 == 0x20 }, as: UTF8.self)
        let short = spelled.split(separator: " ").joined(separator: "-").prefix(48)
        return "\(short)--\(String(fingerprint(name), radix: 16))"
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// FNV-1a, 64 bits: the same in every run, unlike `Hasher`.
    static func fingerprint(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
