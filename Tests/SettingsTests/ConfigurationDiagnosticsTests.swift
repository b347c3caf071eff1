import ConfigurationText
import Testing

@testable import Settings

/// The errors in a text, line by line; empty if the text decodes.
func diagnostics(_ text: String, environment: [String: String] = [:]) -> [String] {
    do throws(ConfigurationError) {
        _ = try Configuration.decode(text, file: "w.yaml", environment: environment)
        return []
    } catch {
        return error.diagnostics.map(\.description)
    }
}

/// The streams section that a test of the other sections needs.
let goodStreams = "streams: [{name: a, url: 'rtsp://a/1', labels: [x]}]"

@Suite("Configuration: what a bad file gets")
struct ConfigurationDiagnosticsTests {
    @Test(arguments: [
        ("defaults: {windw: 5s}", #"1:12: unknown key "windw" in defaults; did you mean "window"?"#),
        ("defualts: {}", #"1:1: unknown key "defualts"; did you mean "defaults"?"#),
        ("threshold: 0.5", #"1:1: unknown key "threshold"; it belongs under defaults:"#),
        ("defaults: {reuse: exact}", #"1:12: unknown key "reuse" in defaults; it belongs under model:"#),
        (
            "events: {database: /var/lib/x}",
            #"1:10: unknown key "database" in events; the keys here are socket, journal, keep, keep_size, history, group, pictures, pictures_size, clip_after, clip_before"#
        ),
        (
            "defaults: {<<: [5s]}",
            "1:17: << takes the keys of a mapping, and this is none; write it like <<: *name"
        ),
        ("model: embedded", "1:8: model must be a mapping, not a single value; write keys below it, such as path:"),
        ("model: [a]", "1:8: model must be a mapping, not a list; write keys below it, such as path:"),
    ])
    func keys(text: String, expected: String) {
        #expect(diagnostics("\(text)\n\(goodStreams)") == ["w.yaml:\(expected)"])
    }

    @Test(arguments: [
        ("window: 5", #"is "5", which has no unit; write 5s if seconds are meant"#),
        ("window: 5 parsecs", #"is "5 parsecs", which is not a duration; write it like 500ms, 5s, 1m, 2h or 30d"#),
        ("window: -5s", #"is "-5s", which is not a duration; write it like 500ms, 5s, 1m, 2h or 30d"#),
        ("window: .inf", #"is ".inf", which is not a duration; write it like 500ms, 5s, 1m, 2h or 30d"#),
        ("window: 0s", "is 0s, outside 100ms to 1h; choose a value in that range"),
        ("window: 2h", "is 2h, outside 100ms to 1h; choose a value in that range"),
        ("window: 99999999999999999999s", #"is "99999999999999999999s", which is too long; choose a shorter duration"#),
        ("window: 999999999999999d", #"is "999999999999999d", which is too long; choose a shorter duration"#),
        ("window:", "has no value; write a duration like 5s, or remove the line"),
        ("window: null", "has no value; write a duration like 5s, or remove the line"),
        ("window: [5s]", "must be a duration, not a list; write it like 5s"),
        ("window: {s: 5}", "must be a duration, not a mapping; write it like 5s"),
        ("threshold: 1.5", "is 1.5, outside 0 to 1; choose a value in that range"),
        ("threshold: -0.1", "is -0.1, outside 0 to 1; choose a value in that range"),
        ("threshold: high", #"is "high", which is not a number; write it like 0.6"#),
        ("threshold: .nan", #"is ".nan", which is not a number; write it like 0.6"#),
        ("threshold: nan", #"is "nan", which is not a number; write it like 0.6"#),
        ("threshold: 1e400", #"is "1e400", which is not a number; write it like 0.6"#),
        ("threshold: 0x1p-1", #"is "0x1p-1", which is not a number; write it like 0.6"#),
        ("threshold: '0.6'", "must be a number, not text in quotes; remove the quotes"),
        ("threshold: true", #"is "true", which is not a number; write it like 0.6"#),
        ("temperature: 0", "is 0, outside 0.001 to 1000; choose a value in that range"),
        ("hop: 0", "is 0, outside 1 to 1024; choose a value in that range"),
        ("hop: 1.5", #"is "1.5", which is not a whole number; write it like 1"#),
        ("hop: 99999999999999999999", #"is "99999999999999999999", which is not a whole number; write it like 1"#),
        ("scoring: exclusiv", #"is "exclusiv", which is not one of the choices; did you mean "exclusive"?"#),
        (
            "transport: quic",
            #"is "quic", which is not one of the choices; the choices are auto, tcp, udp, udp_multicast, http"#
        ),
        ("transport: TCP", #"is "TCP", which is not one of the choices; did you mean "tcp"?"#),
        ("background: rain", "must be a list, not a single value; write it like [an empty yard]"),
        ("hold: 2d", "is 2d, outside 0s to 1h; choose a value in that range"),
        ("stall_timeout: 0s", "is 0s, outside 100ms to 10m; choose a value in that range"),
    ])
    func values(entry: String, expected: String) {
        let key = entry.prefix { $0 != ":" }
        // The place of an empty value is the next token or the end of the line: its column is not tested.
        let column = key.count + 5
        let found = diagnostics("defaults:\n  \(entry)\n\(goodStreams)")
        if entry.hasSuffix(":") {
            #expect(found.map { $0.drop { $0 != " " } } == [" defaults.\(key) \(expected)"])
        } else {
            #expect(found == ["w.yaml:2:\(column): defaults.\(key) \(expected)"])
        }
    }

    @Test(arguments: [
        ("background: ['']", "2:16: defaults.background[1] is empty; write something in it or remove it"),
        (
            #"background: [a, "b\tc"]"#,
            "2:19: defaults.background[2] holds a control character; write it on one line, without tabs"
        ),
        ("background: [[a]]", "2:16: defaults.background[1] must be a text, not a list; write it like an empty yard"),
    ])
    func lists(entry: String, expected: String) {
        #expect(diagnostics("defaults:\n  \(entry)\n\(goodStreams)") == ["w.yaml:\(expected)"])
    }

    @Test(arguments: [
        ("{release: 0.7}", "1:21: defaults.release is 0.7, above the threshold 0.6; lower it to 0.6 or less"),
        (
            "{threshold: 0.3}",
            "1:23: defaults.threshold is 0.3, below the release 0.4; raise it, or set release to 0.3 or less"
        ),
        (
            "{release: 0.5, threshold: 0.3}",
            "1:21: defaults.release is 0.5, above the threshold 0.3; lower it to 0.3 or less"
        ),
        (
            "{threshold: oops, release: 0.9}",
            #"1:23: defaults.threshold is "oops", which is not a number; write it like 0.6"#
        ),
    ])
    func releaseAboveThreshold(section: String, expected: String) {
        #expect(diagnostics("defaults: \(section)\n\(goodStreams)") == ["w.yaml:\(expected)"])
    }

    @Test func socketAndGroup() {
        let path = "/" + String(repeating: "x", count: 107)
        #expect(
            diagnostics("events: {socket: \(path), group: 'two words'}\n\(goodStreams)") == [
                "w.yaml:1:18: events.socket is longer than the 107 bytes a socket path may have; shorten it",
                "w.yaml:1:135: events.group is not a group name; name a group of this machine, such as watchword",
            ]
        )
    }

    @Test func everythingAtOnceInFileOrder() {
        let text = """
            evnts: {}
            streams:
              - name: door
                url: rtsp://camera/1
                labels: [x]
                window: 0s
              - name: door
                url: camera/1
                labels: []
            defaults:
              threshold: 2
            """
        #expect(
            diagnostics(text, environment: ["WATCHWORD_MODEL_REUSE": "all"]) == [
                #"w.yaml:1:1: unknown key "evnts"; did you mean "events"?"#,
                "w.yaml:6:13: streams.door.window is 0s, outside 100ms to 1h; choose a value in that range",
                #"w.yaml:7:11: the stream name "door" is already used at w.yaml:3:11; give each stream its own name"#,
                "w.yaml:8:10: streams.door.url has no scheme; "
                    + "write it like rtsp://camera.local/stream2, /dev/video0 or lavfi:testsrc2",
                "w.yaml:9:13: streams.door.labels is empty; list what to look for, such as [a person falls]",
                "w.yaml:11:14: defaults.threshold is 2, outside 0 to 1; choose a value in that range",
                #"WATCHWORD_MODEL_REUSE: model.reuse is "all", which is not one of the choices; the choices are exact, sweep, cached"#,
            ]
        )
    }
}
