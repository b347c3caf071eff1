import Foundation
import TestSupport
import Testing

/// Checkpoints that cannot be used: one line that names the file, and exit code 1.
@Suite(.serialized) struct CheckpointErrorTests {
    @Test func aMissingDirectory() async throws {
        try await expectFailure(naming: "no such directory") { model in
            try FileManager.default.removeItem(atPath: model)
        }
    }

    @Test(arguments: ["config.json", "preprocessor_config.json", "model.safetensors"])
    func aMissingFile(name: String) async throws {
        try await expectFailure(naming: name) { model in
            try FileManager.default.removeItem(atPath: "\(model)/\(name)")
        }
    }

    @Test func noTokenizer() async throws {
        try await expectFailure(naming: "vocab.json") { model in
            for name in ["tokenizer.json", "vocab.json", "merges.txt"] {
                try FileManager.default.removeItem(atPath: "\(model)/\(name)")
            }
        }
    }

    @Test(arguments: [4, 4000, 400_000])
    func truncatedWeights(bytes: Int) async throws {
        try await expectFailure(naming: "model.safetensors") { model in
            try edit("\(model)/model.safetensors") { $0 = $0.prefix(bytes) }
        }
    }

    @Test func anotherKindOfModel() async throws {
        try await expectFailure(naming: "config.json: model_type is \"clip\", not \"xclip\"") { model in
            try replace("\"model_type\": \"xclip\"", with: "\"model_type\": \"clip\"", in: "\(model)/config.json")
        }
    }

    @Test func aMissingTensor() async throws {
        try await expectFailure(naming: "no tensor visual_projection.weight of shape [24, 36]") { model in
            try replace("\"visual_projection.w", with: "\"visual_projection.v", in: "\(model)/model.safetensors")
        }
    }

    @Test func aTensorOfAnotherShape() async throws {
        try await expectFailure(naming: "tensor prompts_visual_projection has shape [24, 36]") { model in
            let name = "\"prompts_visual_projection\":{\"dtype\":\"F32\",\"shape\":"
            try replace(name + "[36,24]", with: name + "[24,36]", in: "\(model)/model.safetensors")
        }
    }

    @Test func theDaemonSaysItAsWell() async throws {
        try await withModel { directory, model in
            try edit("\(model)/model.safetensors") { $0 = $0.prefix(4000) }
            let file = try DaemonProcess.configuration(
                DaemonProcess.stream("live", DaemonProcess.picture),
                in: directory
            )
            let outcome = try await watchword(
                ["run", "--config", file],
                environment: ["WATCHWORD_MODEL_PATH": model],
                in: directory
            )
            #expect(outcome.ending == .exit(1))
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("model.safetensors"))
            #expect(!FileManager.default.fileExists(atPath: directory.socket))
        }
    }

    /// Spoils a copy of the tiny model and expects `recognise` to say so.
    private func expectFailure(
        naming what: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ spoil: (String) throws -> Void
    ) async throws {
        try await withModel { directory, model in
            try spoil(model)
            let arguments = ["recognise", DaemonProcess.picture, "--model", model, "--label", "a dog"]
            let outcome = try await watchword(arguments, in: directory)
            #expect(outcome.ending == .exit(1), sourceLocation: sourceLocation)
            #expect(outcome.errorLines.count == 1, "\(outcome)", sourceLocation: sourceLocation)
            #expect(outcome.errors.contains(model), "\(outcome)", sourceLocation: sourceLocation)
            #expect(outcome.errors.contains(what), "\(outcome)", sourceLocation: sourceLocation)
            #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
        }
    }

    private func withModel(_ body: (TemporaryDirectory, String) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            try copyContents(of: Tree.tinyModel, to: directory("model"))
            try await body(directory, directory("model"))
        }
    }

    private func edit(_ path: String, _ change: (inout Data) throws -> Void) throws {
        var data = try Data(contentsOf: URL(filePath: path))
        try change(&data)
        try data.write(to: URL(filePath: path))
    }

    private func replace(_ text: String, with other: String, in path: String) throws {
        try edit(path) { data in
            let range = try #require(data.range(of: Data(text.utf8)), "\(path) holds no \(text)")
            data.replaceSubrange(range, with: Data(other.utf8))
        }
    }
}
