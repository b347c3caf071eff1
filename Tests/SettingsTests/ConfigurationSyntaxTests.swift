import Testing

@Suite("Configuration: what is no YAML, and keys set twice")
struct ConfigurationSyntaxTests {
    @Test(arguments: [
        ("", "w.yaml: the file is empty; give it at least streams: with one stream"),
        ("# nothing\n", "w.yaml: the file is empty; give it at least streams: with one stream"),
        ("hello", "w.yaml:1:1: the file holds a single value; write keys in it, such as streams:"),
        ("- a", "w.yaml:1:1: the file holds a list; write keys in it, such as streams:"),
        (
            "model: {path: x\nlog: {}",
            "w.yaml:2:4: this is not YAML: did not find expected ',' or '}' while parsing a flow mapping (line 1); "
                + "check the indentation, the colons and the quotes here and on the line before"
        ),
        (
            "model:\n\tpath: x",
            "w.yaml:2:1: this is not YAML: found character that cannot start any token "
                + "while scanning for the next token (line 2); "
                + "indent with spaces and quote text that begins with a special character"
        ),
        (
            "model:\n  path: a: b",
            "w.yaml:2:10: this is not YAML: mapping values are not allowed in this context; "
                + "put text that has a colon and a space in it in quotes"
        ),
        (
            "model: *gone",
            "w.yaml:1:8: this is not YAML: found undefined alias; "
                + "check the indentation, the colons and the quotes here and on the line before"
        ),
        (
            "log: {}\n---\nlog: {}",
            "w.yaml:2:1: this is not YAML: but found another document expected a single document in the stream "
                + "(line 1); keep everything in one document, without a second ---"
        ),
        (
            "model:\n  path: a\u{1}b",
            "w.yaml:2:10: this is not YAML: control characters are not allowed; "
                + "remove the character or write it as an escape in double quotes"
        ),
        ("? [a]\n: b\n\(goodStreams)", "w.yaml:1:3: a key must be a single word; quote it if it is meant as text"),
    ])
    func syntax(text: String, expected: String) {
        #expect(diagnostics(text) == [expected])
    }

    @Test func aKeySetTwiceHidesNoOtherMistake() {
        let text = """
            defaults:
              window: 5s
              hop: 0
              "window": 6s
              window: 7s
            model: {path: a}
            \(goodStreams)
            model: {path: b}
            """
        #expect(
            diagnostics(text) == [
                "w.yaml:3:8: defaults.hop is 0, outside 1 to 1024; choose a value in that range",
                #"w.yaml:4:3: the key "window" is already set at w.yaml:2:3; remove one of the two"#,
                #"w.yaml:5:3: the key "window" is already set at w.yaml:2:3; remove one of the two"#,
                #"w.yaml:8:1: the key "model" is already set at w.yaml:6:1; remove one of the two"#,
            ]
        )
    }

    @Test func aKeySetTwiceBehindAnAnchorIsAnErrorToo() {
        #expect(
            diagnostics("? &a model\n: {}\n? model\n: {}") == [
                #"w.yaml:1:3: the key "model" appears more than once; remove all but one"#
            ]
        )
    }

    @Test func aliasesCannotBlowUp() {
        var text = "a: &a0 [x, x]\n"
        for level in 1...30 {
            text += "b\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n"
        }
        #expect(
            diagnostics(text) == ["w.yaml:1:9: there are more than 100000 values; make the file smaller"]
        )
        #expect(
            diagnostics(text + "c: [*a1, *a1, *a1, *a1, *a1]") == [
                "w.yaml: there are more than 64 aliases (*name); write the values out"
            ]
        )
    }

    @Test func deepNesting() {
        let text = "model: " + String(repeating: "[", count: 80) + String(repeating: "]", count: 80)
        #expect(diagnostics(text) == ["w.yaml:1:72: this is nested more than 64 deep; flatten it"])
    }
}
