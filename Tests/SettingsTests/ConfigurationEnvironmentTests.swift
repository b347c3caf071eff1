import Events
import Logging
import Testing

@testable import Settings
@testable import System

@Suite("Configuration: WATCHWORD_ variables")
struct ConfigurationEnvironmentTests {
    @Test func variablesGoOverTheFile() throws {
        let configuration = try Configuration.decode(
            "model: {path: a}\ndefaults: {window: 3s}\n\(goodStreams)",
            file: "w.yaml",
            environment: [
                "WATCHWORD_MODEL_PATH": "/m: [x]", "WATCHWORD_EVENTS_SOCKET": "/tmp/e", "WATCHWORD_LOG_LEVEL": "trace",
                "WATCHWORD_DEFAULTS_WINDOW": "7s", "WATCHWORD_DEFAULTS_MIN_DURATION": "0s",
                "WATCHWORD_SOCKET": "for the client",
            ]
        )
        #expect(configuration.model.path == "/m: [x]")
        #expect(configuration.events.socket == "/tmp/e")
        #expect(configuration.log.level == .trace)
        #expect(configuration.streams.first?.window == .seconds(7))
        #expect(configuration.streams.first?.labels.first?.rules.minDuration == .zero)
    }

    @Test(arguments: [
        (
            "WATCHWORD_DEFAULTS_WINDOW", "7",
            #"defaults.window is "7", which has no unit; write 7s if seconds are meant"#
        ),
        ("WATCHWORD_DEFAULTS_WINDW", "7s", #"this variable sets nothing; did you mean "WATCHWORD_DEFAULTS_WINDOW"?"#),
        (
            "WATCHWORD_DEFAULTS_BACKGROUND", "a",
            "a variable cannot set this key; set defaults.background in the file"
        ),
        (
            "WATCHWORD_STREAMS_DOOR_URL", "a",
            "this variable sets nothing; set it in the file, where ${NAME} reads a variable"
        ),
        (
            "WATCHWORD_EVENTS_HISTORY", "",
            "events.history has no value; write a whole number like 10000, or remove the line"
        ),
        (
            "WATCHWORD_DEFAULTS_RELEASE", "0.9",
            "defaults.release is 0.9, above the threshold 0.6; lower it to 0.6 or less"
        ),
    ])
    func errorsNameTheVariable(name: String, value: String, expected: String) {
        #expect(diagnostics(goodStreams, environment: [name: value]) == ["\(name): \(expected)"])
    }
}
