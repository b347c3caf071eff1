import Events
import Recognition

/// Every key there is, its kind, range and place. The streams' own keys (name, url, labels, input) are read by
/// `StreamDecoder`.
enum Schema {
    static var model: [OptionKey<ModelSettings>] {
        [
            .text("path", \.path, example: "embedded", TextRules.line(limit: 4096)),
            .choice("reuse", \.reuse),
        ]
    }

    static var events: [OptionKey<EventSettings>] {
        [
            .text("socket", \.socket, example: "/run/watchword/events.sock", TextRules.socketPath),
            .path("journal", \.journal, example: "/var/lib/watchword/events.sqlite"),
            .duration("keep", \.keep, .seconds(60) ... .seconds(3650 * 86_400)),
            .size("keep_size", \.keepSize, 1_000_000...1_000_000_000_000),
            .integer("history", \.history, 100...1_000_000, example: "10000"),
            .text("group", \.group, example: "watchword", TextRules.groupName),
        ]
    }

    static var log: [OptionKey<LogSettings>] {
        [.choice("level", \.level), .choice("format", \.format)]
    }

    /// What `defaults:` and every stream may set.
    static var stream: [OptionKey<StreamOptions>] {
        [
            .duration("window", \.window, .milliseconds(100) ... .seconds(3600)),
            .integer("hop", \.hop, 1...1024, example: "1"),
            .choice("scoring", \.scoring),
            .number("temperature", \.temperature, 0.001...1000, example: "1.0"),
            .number("gate", \.gate, 0...255, example: "2"),
            .duration("gate_refresh", \.gateRefresh, .milliseconds(100) ... .seconds(86_400)),
            .choice("confirm", \.confirm.truth),
            .number("audit", \.audit, 0...1, example: "0.005"),
            .texts("neutral", \.neutral, example: "nothing happens", least: 1, TextRules.label),
            .texts("background", \.background, example: "an empty yard", TextRules.label),
        ] + rules.map { $0.within(\.rules) } + [
            .duration("open_timeout", \.openTimeout, .milliseconds(100) ... .seconds(600)),
            .duration("stall_timeout", \.stallTimeout, .milliseconds(100) ... .seconds(600)),
            .choice("transport", \.transport),
        ]
    }

    /// The stream's own word on what `model:` says for all.
    static var reuse: OptionKey<StreamOptions> { .choice("reuse", \.reuse) }

    /// What labels may set as well.
    static var rules: [OptionKey<EventRules>] {
        [
            .number("threshold", \.threshold, 0...1, example: "0.6"),
            .number("release", \.release, 0...1, example: "0.4"),
            .duration("min_duration", \.minDuration, .zero ... .seconds(3600)),
            .duration("hold", \.hold, .zero ... .seconds(3600)),
            .duration("cooldown", \.cooldown, .zero ... .seconds(86_400)),
        ]
    }

    static let streamOwn = ["name", "url", "labels", "input"]
    static let labelOwn = ["name", "text"]

    /// What a stream's `input:` may set.
    static var input: [OptionKey<InputSettings>] { [.size, .rate, .format] }

    /// The sections and the keys in each, for the remedy of a key in the wrong one.
    static var sections: [(name: String, keys: [String])] {
        [
            ("model", model.map(\.name)), ("events", events.map(\.name)), ("log", log.map(\.name)),
            ("defaults", stream.map(\.name)), ("streams", streamOwn),
        ]
    }
}
