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
