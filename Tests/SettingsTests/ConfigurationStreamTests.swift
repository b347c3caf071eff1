import Events
import Recognition
import Signals
import Testing

@testable import Settings

@Suite("Configuration: what bad streams and labels get")
struct ConfigurationStreamTests {
    static let list = "list at least one stream, as in - {name: door, url: …, labels: […]}"

    @Test(arguments: [
        ("model: {}", "w.yaml: there are no streams; add streams: with at least one stream"),
        ("streams:", "w.yaml:1:1: there are no streams; \(list)"),
        ("streams: []", "w.yaml:1:10: there are no streams; \(list)"),
        ("streams: {name: a}", "w.yaml:1:10: streams must be a list, not a mapping; \(list)"),
        (
            "streams: [door]",
            "w.yaml:1:11: streams[1] must be a mapping, not a single value; "
                + "write it like {name: door, url: …, labels: […]}"
        ),
        (
            "streams: [{url: 'rtsp://a', labels: [x]}]",
            "w.yaml:1:11: streams[1] has no name; add a short one, such as name: door"
        ),
        (
            "streams: [{name: a, labels: [x]}]",
            "w.yaml:1:11: streams.a has no url; add one, such as url: rtsp://camera.local/stream2"
        ),
        (
            "streams: [{name: Door, url: 'rtsp://a', labels: [x]}]",
            "w.yaml:1:18: streams[1].name has a character that names may not have; use a-z, 0-9, _ and -"
        ),
        (
            "streams: [{name: a, url: 'rtsp://a', labels: [x], windw: 3s}]",
            #"w.yaml:1:51: unknown key "windw" in streams.a; did you mean "window"?"#
        ),
        (
            "streams: [{name: a, url: 'rtsp://a', labels: [x], release: 0.7}]",
            "w.yaml:1:60: streams.a.release is 0.7, above the threshold 0.6; lower it to 0.6 or less"
        ),
        (
            "streams: [{name: a, url: ' rtsp://a', labels: [x]}]",
            "w.yaml:1:26: streams.a.url begins or ends with a space; remove the space"
        ),
        (
            "streams: [{name: a, url: 'rtsp://a', labels: [x], input: {size: 640, rate: fast, colour: red}}]",
            #"""
            w.yaml:1:65: streams.a.input.size is "640", which is not a size; write it like 640x480
            w.yaml:1:76: streams.a.input.rate is "fast", which is not a number; write it like 30
            w.yaml:1:82: unknown key "colour" in streams.a.input; the keys here are size, rate, format
            """#
        ),
    ])
    func streams(text: String, expected: String) {
        #expect(diagnostics(text).joined(separator: "\n") == expected)
    }

    @Test(arguments: [
        ("rtsp://u:p@camera/1", []),
        (
            "/dev/video0",
            ["w.yaml:1:39: streams.a.transport is for sources of rtsp, rtsps, onvif only; remove it"]
        ),
    ])
    func aSourceInAVariableIsOfTheKindThatItsValueHas(address: String, expected: [String]) {
        let text = "streams: [{name: a, url: '${CAMERA}', transport: tcp, labels: [x]}]"
        #expect(diagnostics(text, environment: ["CAMERA": address]) == expected)
    }

    private static let signals = [
        "signal:blank", "signal:frozen", "signal:damaged", "signal:noise", "signal:dark", "signal:infrared",
        "signal:day",
        "signal:pan-left", "signal:pan-right", "signal:tilt-up", "signal:tilt-down", "signal:moved", "signal:shake",
        "signal:covered", "signal:defocus", "signal:lights-out", "signal:lights-on", "signal:flash", "signal:stopped",
    ].joined(separator: ", ")

    @Test(arguments: [
        (
            "[x, signal:frosen]",
            #"w.yaml:1:50: streams.a.labels[2] is "signal:frosen", which is no signal; did you mean "signal:frozen"?"#
        ),
        (
            "[{text: 'signal:'}]",
            #"w.yaml:1:54: streams.a.labels[1].text is "signal:", which is no signal; the signals are "# + signals
        ),
        (
            "[{text: signal:dark, examples: [a.mp4, b.mp4]}]",
            "w.yaml:1:67: streams.a.labels[1].examples cannot go with a signal, which no model decides; remove them"
        ),
        (
            "[signal:dark, signal:dark]",
            "w.yaml:1:60: streams.a.labels has another label of this name at w.yaml:1:47; "
                + "give each label its own name"
        ),
    ])
    func badSignals(labels: String, expected: String) {
        let text = "streams: [{name: a, url: 'rtsp://a', labels: \(labels)}]"
        #expect(diagnostics(text) == [expected])
    }

    @Test func aStreamThatNamesNoLabelsGetsTheReliableSignals() throws {
        let configuration = try Configuration.decode("streams: [{name: a, url: 'rtsp://a'}]", file: "w.yaml")
        let stream = try #require(configuration.streams.first)
        #expect(stream.labels.isEmpty)
        #expect(stream.signals.map(\.signal) == Signal.allCases.filter(\.isReliable))
        #expect(stream.signals.contains { $0.signal == .blank } && !stream.signals.contains { $0.signal == .moved })
        for signal in stream.signals {
            #expect(signal.label.rules == signal.signal.rules && signal.label.name == signal.signal.label)
        }
        let shown = try #require(configuration.report.first { $0.hasPrefix("streams.a.labels = ") })
        #expect(shown.contains("[signal:blank, ") && shown.hasSuffix("(default)"))
        #expect(configuration.notes == [])
    }

    @Test func signalsThatAreOftenWrongGetANote() throws {
        let text = """
            streams:
              - {name: a, url: 'rtsp://a', labels: ['signal:blank', 'signal:moved', x]}
              - {name: b, url: 'rtsp://b'}
            """
        let notes = try Configuration.decode(text, file: "w.yaml").notes
        #expect(notes.count == 1 && notes[0].hasPrefix("streams.a lists signal:moved: "))
    }

    /// A signal has rules of its own: those of the stream are for the model's scores.
    @Test func signalsAreLabelsWithRulesOfTheirOwn() throws {
        let text = """
            defaults: {threshold: 0.9, release: 0.8}
            streams:
              - name: a
                url: 'rtsp://a'
                labels: [signal:blank, a dog, {name: still, text: 'signal:frozen', min_duration: 2m}]
            """
        let stream = try #require(try Configuration.decode(text, file: "w.yaml").streams.first)
        #expect(stream.labels.map(\.name) == ["a dog"])
        #expect(stream.signals.map(\.signal) == [.blank, .frozen])
        #expect(stream.allLabels.map(\.name) == ["a dog", "signal:blank", "still"])
        #expect(stream.signals[0].label.rules == Signal.blank.rules)
        var rules = Signal.frozen.rules
        rules.minDuration = .seconds(120)
        #expect(stream.signals[1].label.rules == rules)
        #expect(stream.specification.texts.allSatisfy { !$0.hasPrefix("signal:") })
        #expect(stream.specification.allLabels.map(\.name) == ["a dog", "signal:blank", "still"])
    }

    @Test func tooManyStreams() {
        let streams = (1...257).map { "{name: s\($0), url: 'rtsp://a', labels: [x]}" }.joined(separator: ",")
        #expect(
            diagnostics("streams: [\(streams)]") == [
                "w.yaml:1:10: there are 257 streams, more than 256; distribute them over several daemons"
            ]
        )
    }

    @Test(arguments: [
        ("labels: x", "13: streams.a.labels must be a list, not a single value; write it like [a person falls]"),
        ("labels: ['']", "14: streams.a.labels[1] is empty; write something in it or remove it"),
        (
            "labels: [x, ~]",
            "17: streams.a.labels[2] has no value; write a text like a person falls, or remove the line"
        ),
        ("labels: [[x]]", "14: streams.a.labels[1] must be a text, not a list; write it like a person falls"),
        (
            "labels: [x, y, x]",
            "20: streams.a.labels has another label of this name at w.yaml:4:14; give each label its own name"
        ),
        (
            "labels: [fall, {name: fall, text: falls}]",
            "27: streams.a.labels has another label of this name at w.yaml:4:14; give each label its own name"
        ),
        (
            "labels: [{name: The fall, text: falls}]",
            "21: streams.a.labels[1].name has a character that names may not have; use a-z, 0-9, _"
        ),
        ("labels: [{name: fall}]", "14: streams.a.labels[1] has no text; add text: with what to look for"),
        ("labels: [{text: x, text_: y}]", #"24: unknown key "text_" in streams.a.labels[1]; did you mean "text"?"#),
        (
            "labels: [{text: x, window: 5s}]",
            #"24: unknown key "window" in streams.a.labels[1]; it belongs under defaults:"#
        ),
        (
            "labels: [{text: x, threshold: 0.2}]",
            "35: streams.a.labels[1].threshold is 0.2, below the release 0.4; raise it, or set release to 0.2 or less"
        ),
        (
            "labels: [a dog: barking]",
            "14: streams.a.labels[1] is a mapping without text; put the text in quotes: it has a colon in it"
        ),
        (
            "labels: [{text: x, hold: 5}]",
            #"30: streams.a.labels[1].hold is "5", which has no unit; write 5s if seconds are meant"#
        ),
    ])
    func labels(entry: String, expected: String) {
        let text = "streams:\n  - name: a\n    url: rtsp://a\n    \(entry)"
        #expect(diagnostics(text) == ["w.yaml:4:\(expected)"])
    }

    @Test func aLabelTooLong() {
        let label = String(repeating: "é", count: 1001)
        #expect(
            diagnostics("streams: [{name: a, url: 'rtsp://a', labels: [\(label)]}]") == [
                "w.yaml:1:47: streams.a.labels[1] is longer than 1000 characters; shorten it"
            ]
        )
    }
}
