import ConfigurationText
import Events
import Foundation
import Models
import Recognition
import Testing

@testable import Settings
@testable import System
@testable import Text

@Suite struct ModelDefaultsTests {
    private let stream = "streams: [{name: a, url: 'rtsp://a/1', labels: [one]}]"

    /// A model's directory with this `watchword.json`, which the test removes.
    private func directory(_ json: String?) throws -> String {
        let path = NSTemporaryDirectory() + "watchword-defaults-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try json?.write(toFile: path + "/watchword.json", atomically: true, encoding: .utf8)
        return path
    }

    @Test func whatTheModelSaysStandsBetweenTheBuiltInAndTheConfigured() throws {
        let model = try directory(#"{"window": "4s", "threshold": 0.5, "neutral": ["nothing happens"]}"#)
        defer { try? FileManager.default.removeItem(atPath: model) }
        let configuration = try Configuration.decode(
            "model: {path: \(model)}\ndefaults: {threshold: 0.7}\n\(stream)",
            file: "w.yaml",
            modelDefaults: ModelDefaults.ofModel
        )
        let options = configuration.streams[0].options
        #expect(options.window == .seconds(4))
        #expect(options.rules.threshold == 0.7)
        #expect(options.rules.release == 0.4)
        #expect(options.neutral == ["nothing happens"])
        #expect(options.neutralSize == 1)
        #expect(configuration.report.contains("streams.a.window = 4s   (watchword.json:1)"))
        #expect(configuration.report.contains("streams.a.threshold = 0.7   (w.yaml:2)"))
    }

    /// The stream's texts change what a label is measured against, never the scale.
    @Test func theSizeOfTheNeutralListIsTheModels() throws {
        let model = try directory(#"{"neutral": ["nothing happens", "nothing moves"]}"#)
        let plain = try directory(nil)
        defer { for path in [model, plain] { try? FileManager.default.removeItem(atPath: path) } }
        for (path, size) in [(model, 2), (plain, NeutralBackground.texts.count)] {
            let configuration = try Configuration.decode(
                "model: {path: \(path)}\ndefaults: {neutral: [a, b, c], background: [d]}\n\(stream)",
                file: "w.yaml",
                modelDefaults: ModelDefaults.ofModel
            )
            #expect(configuration.streams[0].options.neutral == ["a", "b", "c"])
            #expect(configuration.streams[0].specification.neutralSize == size)
        }
    }

    /// The operator's file is to be changed, not the model's.
    @Test func aThresholdBelowTheModelsReleaseIsReportedInTheFile() throws {
        let model = try directory(#"{"threshold": 0.94, "release": 0.62}"#)
        defer { try? FileManager.default.removeItem(atPath: model) }
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.decode(
                "model: {path: \(model)}\ndefaults: {threshold: 0.6}\n\(stream)",
                file: "w.yaml",
                modelDefaults: ModelDefaults.ofModel
            )
        }
        #expect(
            error.description
                == "w.yaml:2:23: defaults.threshold is 0.6, below the release 0.62; raise it, or set release to 0.6 or less"
        )
    }

    private static let ofTexts =
        #"{"threshold": 0.9, "release": 0.6, "labels": [{"text": "A dog barks", "threshold": 0.98, "release": 0.7}]}"#

    /// What a file says beside a model with these thresholds.
    private func configuration(_ text: String) throws -> Configuration {
        let model = try directory(Self.ofTexts)
        defer { try? FileManager.default.removeItem(atPath: model) }
        return try Configuration.decode(
            "model: {path: \(model)}\n\(text)",
            file: "w.yaml",
            modelDefaults: ModelDefaults.ofModel
        )
    }

    /// A label's threshold and release, by what the owner writes.
    @Test(arguments: [
        ("", "[a dog barks, one]", [[0.98, 0.7], [0.9, 0.6]]),
        ("", "[{name: dog, text: a DOG barks}, {text: a dog barks, hold: 5s}]", [[0.98, 0.7], [0.98, 0.7]]),
        ("", "[{text: a dog barks, threshold: 0.8}]", [[0.8, 0.6]]),
        ("", "[{text: a dog barks, release: 0.8}]", [[0.98, 0.8]]),
        ("", "[{text: [a dog barks, a hound barks]}]", [[0.9, 0.6]]),
        ("", "[{text: a dog barks, against: [a fox barks]}]", [[0.9, 0.6]]),
        ("defaults: {threshold: 0.7}", "[a dog barks]", [[0.7, 0.6]]),
        ("defaults: {release: 0.5}", "[a dog barks]", [[0.9, 0.5]]),
        ("", "[{text: a dog barks, threshold: auto}]", [[0.98, 0.7]]),
        ("defaults: {threshold: auto}", "[a dog barks]", [[0.98, 0.7]]),
        ("defaults: {hold: 5s}", "[a dog barks]", [[0.98, 0.7]]),
    ])
    func aTextHasTheModelsThresholdUnlessTheOwnerSetsOne(defaults: String, labels: String, expected: [[Double]]) throws
    {
        let configuration = try configuration(
            "\(defaults)\nstreams: [{name: a, url: 'rtsp://a/1', labels: \(labels)}]"
        )
        #expect(configuration.streams[0].labels.map { [$0.rules.threshold, $0.rules.release] } == expected)
    }

    @Test func aStreamsOwnThresholdIsForAllOfItsLabels() throws {
        let configuration = try configuration(
            """
            streams:
              - {name: a, url: 'rtsp://a/1', labels: [a dog barks], threshold: 0.8}
              - {name: b, url: 'rtsp://a/1', labels: [a dog barks]}
            """
        )
        #expect(configuration.streams.map(\.labels[0].rules.threshold) == [0.8, 0.98])
        #expect(configuration.report.contains("streams.b.labels[1].threshold = 0.98   (watchword.json:1)"))
        #expect(configuration.report.contains("streams.b.labels[1].release = 0.7   (watchword.json:1)"))
        #expect(!configuration.report.contains("streams.a.labels[1].threshold"))
    }

    /// What the owner set is not said to be the model's.
    @Test func aThresholdThatIsLearnedIsNoneOfTheModels() throws {
        let configuration = try configuration(
            "defaults: {threshold: auto}\nstreams: [{name: a, url: 'rtsp://a/1', labels: [a dog barks]}]"
        )
        #expect(!configuration.report.contains("labels[1].threshold"))
        #expect(configuration.report.contains("streams.a.labels[1].release = 0.7   (watchword.json:1)"))
    }

    /// A model's thresholds are for texts alone.
    @Test func aLabelThatIsTaughtHasTheCommonThreshold() throws {
        let configuration = try configuration(
            "streams: [{name: a, url: 'rtsp://a/1', labels: [a dog barks, {text: one, threshold: 0.7}]}]"
        )
        let stream = configuration.streams[0]
        #expect(stream.labels.map { stream.options.rules(teaching: $0).threshold } == [0.9, 0.7])
    }

    /// `--threshold` is for all labels, as `threshold:` is.
    @Test func aThresholdOfTheCommandLineIsForAllLabels() throws {
        let model = try directory(Self.ofTexts)
        defer { try? FileManager.default.removeItem(atPath: model) }
        var options = try ModelDefaults.options(ofModel: model)
        try StreamOption("hold").set("5s", in: &options, source: "--hold")
        #expect(options.rules(of: "a dog barks").threshold == 0.98)
        try StreamOption("threshold").set("0.8", in: &options, source: "--threshold")
        #expect(options.rules(of: "a dog barks").threshold == 0.8)
    }

    @Test func aModelDoesNotGetAtTheOperatorsSecrets() throws {
        let model = try directory(#"{"neutral": ["${DOOR_PASSWORD}"]}"#)
        defer { try? FileManager.default.removeItem(atPath: model) }
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.decode(
                "model: {path: \(model)}\n\(stream)",
                file: "w.yaml",
                environment: ["DOOR_PASSWORD": "hunter2!"],
                modelDefaults: ModelDefaults.ofModel
            )
        }
        #expect(error.description.contains("DOOR_PASSWORD") && !error.description.contains("hunter2!"))
    }

    @Test func aModelThatSaysNothingChangesNothing() throws {
        let model = try directory(nil)
        defer { try? FileManager.default.removeItem(atPath: model) }
        #expect(try ModelDefaults.options(ofModel: model) == StreamOptions())
        #expect(try ModelDefaults.options(ofModel: model + "/absent") == StreamOptions())
    }

    @Test(arguments: [
        (#"{"windows": "4s"}"#, ":1:2: unknown key \"windows\" in defaults; did you mean \"window\"?"),
        (#"{"window": 4}"#, ":1:12: "),
        (#"{"neutral": []}"#, ":1:13: defaults.neutral must not be empty; write it like [nothing happens]"),
        ("{", ":2:1: "),
        (#"{"labels": {"a": 0.9}}"#, ":1:12: labels must be a list of at most 1000; write it like [{"),
        (#"{"labels": [null]}"#, ":1:13: labels[1] is empty; remove it"),
        (
            #"{"labels": [{"text": "signal:blank", "threshold": 0.9, "release": 0.6}]}"#,
            ":1:22: labels[1].text is a signal, which no model scores; remove it"
        ),
        (#"{"labels": ["a"]}"#, ":1:13: labels[1] must be a mapping, not "),
        (#"{"labels": [{"text": "a", "threshold": 0.9}]}"#, ":1:13: labels[1] has no release; add it"),
        (
            #"{"labels": [{"text": "a", "threshold": 0.5, "release": 0.6}]}"#,
            ":1:56: labels[1].release is 0.6, above the threshold 0.5; lower it to 0.5 or less"
        ),
        (
            #"{"labels": [{"text": "a", "threshold": "auto", "release": 0.7}]}"#,
            ":1:40: labels[1].threshold cannot be auto; give a number"
        ),
        (
            #"{"labels": [{"text": "a", "threshold": 0.9, "release": 0.6}, {"text": "A", "threshold": 0.8, "release": 0.6}]}"#,
            ":1:62: labels[2] has the text of "
        ),
        (
            #"{"labels": [{"text": "a", "threshold": 0.9, "release": 0.6, "hold": "1s"}]}"#,
            ":1:61: unknown key \"hold\" in labels[1]; "
        ),
    ])
    func whatIsWrongWithItIsSaidWithItsPlace(json: String, said: String) throws {
        let model = try directory(json)
        defer { try? FileManager.default.removeItem(atPath: model) }
        let error = try #require(throws: OperationError.self) { try ModelDefaults.options(ofModel: model) }
        #expect(error.description.hasPrefix("\(model)/watchword.json\(said)"), "\(error.description)")
        #expect(throws: ConfigurationError.self) {
            try Configuration.decode(
                "model: {path: \(model)}\n\(stream)",
                file: "w.yaml",
                modelDefaults: ModelDefaults.ofModel
            )
        }
    }
}
