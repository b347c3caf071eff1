import Foundation
import Testing
import TestSupport

@testable import Settings

@Suite("Configuration: ${NAME} and secrets")
struct ConfigurationSecretTests {
    static func text(url: String) -> String {
        "streams:\n  - name: a\n    url: \(url)\n    labels: [x]"
    }

    static func url(_ url: String, _ environment: [String: String]) throws -> StreamURL? {
        try Configuration.decode(text(url: url), file: "w.yaml", environment: environment).streams.first?.url
    }

    @Test(arguments: [
        ("rtsp://${HOST}/1", "rtsp://cam/1"),
        ("rtsp://${NONE:other}/1", "rtsp://other/1"),
        ("rtsp://${NONE:}/1", "rtsp:///1"),
        ("rtsp://${HOST:other}/1", "rtsp://cam/1"),
        ("rtsp://cam/$${HOST}/$5", "rtsp://cam/${HOST}/$5"),
        ("${URL}", "rtsp://u:p@cam/1"),
        // In the user and the password, a value is taken literally.
        ("rtsp://admin:${PASSWORD}@cam/1", "rtsp://admin:p%2540%21%3A%2F%20s@cam/1"),
        ("rtsp://${USER}:${PASSWORD}@cam/${HOST}", "rtsp://jo%40home:p%2540%21%3A%2F%20s@cam/cam"),
        ("http://cam/1?user=a@b&x=${HOST}", "http://cam/1?user=a@b&x=cam"),
    ])
    func expansion(template: String, expected: String) throws {
        let environment = [
            "HOST": "cam", "URL": "rtsp://u:p@cam/1", "PASSWORD": "p%40!:/ s", "USER": "jo@home",
        ]
        #expect(try Self.url(template, environment)?.expanded == expected)
    }

    @Test(arguments: [
        (
            "rtsp://${GONE}/1",
            "streams.a.url: ${GONE} is not set in the environment; set it, or give a default as ${GONE:default}"
        ),
        ("rtsp://${GONE/1", "streams.a.url: a ${ is not closed; close it with }, or write $${ for a plain ${"),
        (
            "rtsp://${A/B}/1",
            #"streams.a.url: "${A/B}" is not a valid reference; use letters, digits, _, - and . in the name"#
        ),
        (
            "rtsp://${}/1",
            #"streams.a.url: "${}" is not a valid reference; use letters, digits, _, - and . in the name"#
        ),
    ])
    func problems(template: String, expected: String) {
        #expect(diagnostics(Self.text(url: template)) == ["w.yaml:3:10: \(expected)"])
    }

    @Test func allThatIsMissingIsNamed() {
        #expect(diagnostics(Self.text(url: "rtsp://${A}:${B}@cam")).count == 2)
    }

    @Test func credentialsComeBeforeTheEnvironment() throws {
        let directory = try TemporaryDirectory()
        try directory.write("se cret\n", to: "PASSWORD")
        try directory.write("a\0b", to: "NUL")
        try FileManager.default.createDirectory(
            atPath: directory.path + "/DIRECTORY",
            withIntermediateDirectories: true
        )
        let environment = ["PASSWORD": "wrong", "OTHER": "cam", "CREDENTIALS_DIRECTORY": directory.path]
        #expect(try Self.url("rtsp://u:${PASSWORD}@${OTHER}/1", environment)?.expanded == "rtsp://u:se%20cret@cam/1")
        #expect(
            diagnostics(Self.text(url: "rtsp://${NUL}${DIRECTORY}${..}${GONE}"), environment: environment) == [
                "w.yaml:3:10: streams.a.url: the credential NUL holds a NUL byte; store it as text",
                "w.yaml:3:10: streams.a.url: the credential DIRECTORY is a directory; name the file in it",
                "w.yaml:3:10: streams.a.url: ${..} is not set as a credential or in the environment; "
                    + "set it, or give a default as ${..:default}",
                "w.yaml:3:10: streams.a.url: ${GONE} is not set as a credential or in the environment; "
                    + "set it, or give a default as ${GONE:default}",
            ]
        )
    }

    @Test func aSecretIsNeverPrinted() throws {
        let canary = "canary-5ecret"
        let environment = ["CANARY": canary]
        let configuration = try Configuration.decode(
            """
            model: {path: "/srv/${CANARY}"}
            defaults: {background: ["${CANARY}"]}
            streams:
              - {name: a, url: "rtsp://u:${CANARY}@cam/1?key=${CANARY}", labels: ["${CANARY}"]}
              - {name: b, url: "rtsp://u:plain-\(canary)@cam/1", labels: [x]}
            """,
            file: "w.yaml",
            environment: environment
        )
        #expect(configuration.streams[0].url.expanded == "rtsp://u:\(canary)@cam/1?key=\(canary)")
        #expect(configuration.secrets.values == [canary])
        var dumped = ""
        for stream in configuration.streams { dump(stream.url, to: &dumped) }
        dump(configuration.secrets, to: &dumped)
        dumped += configuration.streams.map { "\($0.url) \(String(reflecting: $0.url))" }.joined()
        dumped += "\(configuration.secrets)" + configuration.report.joined(separator: "\n")
        #expect(!dumped.contains(canary))
        #expect(configuration.report.contains("streams.a.url = rtsp://***@cam/1?key=***   (w.yaml:4)"))
        #expect(configuration.report.contains("model.path = /srv/${CANARY}   (w.yaml:1)"))
    }

    @Test func valuesThatOtherMessagesRepeat() {
        let text = """
            defaults: {threshold: "${T}"}
            streams:
              - {name: "${N}", url: "rtsp://a", labels: [{name: "${N}", text: x}]}
            """
        #expect(
            diagnostics(text, environment: ["T": "0.125", "N": "canary"]) == [
                "w.yaml:1:23: defaults.threshold is ${T}, below the release 0.4; "
                    + "raise it, or set release to ${T} or less",
                #"w.yaml:3:12: streams[1].name holds "${N}"; write the name out: it is not a secret"#,
                #"w.yaml:3:53: streams[1].labels[1].name holds "${N}"; write the name out: it is not a secret"#,
            ]
        )
    }

    @Test func aSecretIsInNoDiagnostic() {
        let canary = "CANARY secret\u{1}"
        let text = """
            model: {path: "${C}", reuse: "${C}"}
            events: {socket: "${C}", history: "${C}", group: "${C}"}
            log: {level: "${C}"}
            defaults: {window: "${C}", threshold: "${C}", background: ["${C}"]}
            streams:
              - {name: "${C}", url: "${C}", labels: ["${C}"]}
              - {name: a, url: "camera:pass@${C}", labels: [{name: "${C}", text: "${C}"}], input: {size: "${C}"}}
            """
        let found = diagnostics(text, environment: ["C": canary])
        #expect(found.count == 16)
        #expect(found.allSatisfy { !$0.contains("CANARY") })
        #expect(
            found.contains(
                #"w.yaml:4:20: defaults.window is "${C}", which is not a duration; "#
                    + "write it like 500ms, 5s, 1m, 2h or 30d"
            )
        )
    }
}
