import EventFeed
import Testing

@testable import Console
@testable import Text

/// The live view as lines, without a terminal.
@Suite struct LiveViewTests {
    private static let lines = [
        #"{"type":"hello","version":"1.2","streams":["door","yard"]}"#,
        """
        {"type":"status","model":"tiny","streams":[
        {"stream":"door","state":"online","reason":null,"lag_seconds":0.0123,"dropped":0,
        "labels":[{"label":"fall","threshold":0.5,"release":0.4},{"label":"a dog runs","threshold":0.75,"release":0.4}]},
        {"stream":"yard","state":"offline","reason":"no picture for 10 s","lag_seconds":0,"dropped":3,"labels":[]}]}
        """,
        #"{"type":"snapshot","seq":3,"open":[],"streams":[]}"#,
        #"{"type":"scores","stream":"door","time":"t","logits":{},"scores":{"fall":0.9,"a dog runs":0.25}}"#,
        """
        {"type":"event","seq":4,"id":"1","state":"started","stream":"door","label":"fall","score":0.9,"threshold":0.5,
        "top_score":0.9,"start_time":"2026-11-22T10:15:03.000Z","time":"2026-11-22T10:15:04.000Z"}
        """,
    ]

    private static func state(_ lines: [String] = lines) throws -> LiveState {
        var state = LiveState()
        for line in lines { state.take(try FeedMessage(parsing: line)) }
        return state
    }

    private static func view(_ columns: Int, _ rows: Int, colour: Bool = false, unicode: Bool = true) throws -> LiveView
    {
        let now = try #require(UTCTime(iso8601: "2026-11-22T10:15:15.000Z"))
        return LiveView(columns: columns, rows: rows, hasColour: colour, hasUnicode: unicode, now: now)
    }

    @Test func theWholePicture() throws {
        let lines = try Self.view(72, 20).lines(of: Self.state())
        #expect(
            lines == [
                "watchword 1.2, tiny, 2 streams                              10:15:15 UTC",
                "● door  online  lag 12 ms",
                "  fall                     0.90 ██████████████│██████████··· open 12 s",
                "  a dog runs               0.25 ███████··············│······ ",
                "● yard  offline: no picture for 10 s  3 dropped",
                "── what happened ───────────────────────────────────────────────────────",
                "10:15:04  door  started  fall  score 0.90",
            ]
        )
    }

    @Test func theBarSaysItAll() throws {
        let bar = try #require(try Self.view(72, 20).lines(of: Self.state()).first { $0.contains("0.25") })
        let drawn = bar.drop { $0 != "█" }.prefix { $0 != " " }
        #expect(drawn.firstIndex(of: "│").map { drawn.distance(from: drawn.startIndex, to: $0) } == drawn.count * 3 / 4)
        #expect(drawn.count { $0 == "█" } == Int((Double(drawn.count) * 0.25).rounded()))
    }

    /// Whoever listens at the path may send any number.
    @Test(arguments: [("1e300", "1000000000000"), ("-1e300", "0"), ("0.0123", "12")])
    func noLagIsTooLong(lag: String, shown: String) throws {
        let status = #"{"type":"status","streams":[{"stream":"door","state":"online","lag_seconds":\#(lag)}]}"#
        let lines = try Self.view(72, 20).lines(of: Self.state([status]))
        #expect(lines.contains("● door  online  lag \(shown) ms"), "\(lines)")
    }

    @Test func anEventEndsWhereItsRecordSaysSo() throws {
        let ended = """
            {"type":"event","seq":5,"id":"1","state":"ended","stream":"door","label":"fall","score":0.1,"threshold":0.5,
            "top_score":0.9,"duration":3,"end_reason":"below_release","start_time":"2026-11-22T10:15:03.000Z",
            "time":"2026-11-22T10:15:06.000Z"}
            """
        let lines = try Self.view(72, 20).lines(of: Self.state(Self.lines + [ended]))
        #expect(!lines.contains { $0.contains("open") })
        #expect(lines.suffix(2).first?.contains("ended  fall  score 0.10  top 0.90  after 3.0 s") == true)
    }

    @Test(arguments: [(1, 1), (5, 3), (20, 5), (40, 10), (80, 24), (300, 4), (300, 100), (0, 0)])
    func itFitsEveryScreen(columns: Int, rows: Int) throws {
        var many = Self.lines
        for number in 0..<50 {
            many.append(#"{"type":"scores","stream":"s\#(number)","scores":{"日本語のラベル":0.5,"x\u001b[2J":1}}"#)
        }
        let lines = try Self.view(columns, rows).lines(of: Self.state(many))
        #expect(lines.count <= rows)
        for line in lines {
            #expect(TextWidth.of(line) <= columns, "\(line)")
            // What a label holds does not reach the terminal as it is.
            #expect(!line.unicodeScalars.contains("\u{1B}"))
        }
    }

    @Test func whatHappenedKeepsAThirdOfTheScreen() throws {
        var lines = Self.lines
        for number in 0..<40 { lines.append(#"{"type":"stream","stream":"s\#(number)","state":"online","since":"t"}"#) }
        let drawn = try Self.view(80, 24).lines(of: Self.state(lines))
        #expect(drawn.count == 24)
        #expect(drawn.contains { $0.contains("more lines") })
        let rule = try #require(drawn.firstIndex { $0.contains("what happened") })
        #expect(drawn.count - rule - 1 == 7)
        #expect(drawn[rule + 1].contains("s39"), "the newest comes first")
    }

    @Test func coloursOnlyWhereTheyAreWanted() throws {
        #expect(try !Self.view(80, 24).lines(of: Self.state()).joined().contains("\u{1B}"))
        let lines = try Self.view(80, 24, colour: true).lines(of: Self.state())
        #expect(lines.contains { $0.hasPrefix("\u{1B}[32m● door") })
        #expect(lines.contains { $0.hasPrefix("\u{1B}[31m● yard") })
        for line in lines { #expect(!line.contains("\u{1B}") || line.contains("\u{1B}[0m")) }
    }

    @Test func aTerminalOfASCII() throws {
        let lines = try Self.view(72, 20, unicode: false).lines(of: Self.state())
        #expect(lines.dropLast(2).allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }, "\(lines)")
        #expect(lines.contains { $0.contains("##|") })
    }

    @Test func theDaemonThatIsGoneIsSaid() throws {
        var state = try Self.state()
        state.isConnected = false
        #expect(try Self.view(80, 24).lines(of: state).first?.contains("the daemon is gone; waiting for it") == true)
        // Another one comes: open events are told anew.
        state.take(try FeedMessage(parsing: Self.lines[0]))
        let lines = try Self.view(80, 24).lines(of: state)
        #expect(!lines.joined().contains("open"))
        #expect(lines.first?.contains("gone") == false)
    }

    @Test func aReloadTakesLabelsAway() throws {
        let less = """
            {"type":"status","model":"tiny","streams":[{"stream":"door","state":"online","labels":[{"label":"fall",
            "threshold":0.6}]}]}
            """
        let state = try Self.state(Self.lines + [less])
        #expect(state.streams.map(\.name) == ["door"])
        #expect(state.streams[0].labels.map(\.name) == ["fall"])
        #expect(state.streams[0].labels[0].threshold == 0.6)
        #expect(state.streams[0].labels[0].score == 0.9)
    }

    @Test(arguments: [("abc", 3), ("日本", 4), ("e\u{301}", 1), ("🐕", 2), ("", 0), ("…●█│", 4)])
    func columnsOfAText(text: String, columns: Int) {
        #expect(TextWidth.of(text) == columns)
        #expect(TextWidth.of(TextWidth.cut(text, to: 2, ellipsis: "…")) <= 2)
        #expect(TextWidth.of(TextWidth.padded(text, to: 7, ellipsis: "…")) == 7)
    }
}
