import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import XCLIP

/// Models that can be loaded and see nothing. transformers makes NaN of the first and scores the others alike.
@Suite struct BlindModelTests {
    /// A copy of the tiny checkpoint in which the chosen tensors hold zeros: what a copy with holes leaves.
    private func withZeros(_ isZero: (String) -> Bool, _ body: (String) throws -> Void) throws {
        let copy = FileManager.default.temporaryDirectory.path + "/ww-blind-\(UUID().uuidString)"
        try copyContents(of: Golden.tiny, to: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        let tensors = try Checkpoint(directory: Golden.tiny).tensors.values.sorted { $0.name < $1.name }
        try #require(tensors.contains { isZero($0.name) })
        let writer = try SafetensorsWriter(
            path: copy + "/model.safetensors",
            tensors: tensors.map { ($0.name, $0.shape, $0.type) }
        )
        for tensor in tensors {
            if isZero(tensor.name) {
                try writer.write([Float](repeating: 0, count: tensor.count))
            } else {
                try writer.write(tensor)
            }
        }
        try writer.close()
        try body(copy)
    }

    private func pictures(of directory: String) -> String {
        let error = #expect(throws: CheckpointError.self) {
            try ModelTrial(XCLIPModel(directory: directory), threads: 1).run(place: directory)
        }
        return error?.description ?? ""
    }

    private func texts(of directory: String) -> String {
        let error = #expect(throws: CheckpointError.self) {
            _ = try TextEncoder(directory: directory).encode(["a dog"], threads: 1)
        }
        return error?.description ?? ""
    }

    @Test(arguments: ["tiny", "tiny-f16", "tiny-bf16", "tiny-normalized"])
    func goodModelsPass(name: String) throws {
        guard FileManager.default.fileExists(atPath: "\(Golden.directory)/\(name)/config.json") else { return }
        let directory = "\(Golden.directory)/\(name)"
        try ModelTrial(XCLIPModel(directory: directory), threads: 2).run(place: directory)
        // The empty text among others is no fault.
        #expect(try TextEncoder(directory: directory).encode(["", "a dog"], threads: 1).count == 2)
    }

    @Test func weightsOfZerosAreRefused() throws {
        try withZeros({ _ in true }) { directory in
            let words = "\(directory): the model's scores are no numbers: its weights are"
            #expect(pictures(of: directory).hasPrefix(words))
            #expect(texts(of: directory).contains("model.safetensors: the text encoder makes"))
        }
    }

    @Test(arguments: ["vision_model", "visual_projection"])
    func aModelThatSeesNoPicturesIsRefused(prefix: String) throws {
        try withZeros({ $0.hasPrefix(prefix) || $0.hasPrefix("prompts_visual") }) { directory in
            #expect(pictures(of: directory).contains("the model scores two different pictures alike"))
            // Its texts are another matter.
            _ = try TextEncoder(directory: directory).encode(["a dog"], threads: 1)
        }
    }

    @Test func aModelThatReadsNoTextsIsRefused() throws {
        try withZeros({ $0.hasPrefix("text_model.embeddings.token") }) { directory in
            try ModelTrial(XCLIPModel(directory: directory), threads: 1).run(place: directory)
            #expect(texts(of: directory).contains("the text encoder makes the same of different texts"))
        }
    }

    @Test func aNegativeEpsilonIsRefused() throws {
        try withZeros({ $0 == "text_projection.weight" }) { directory in
            let path = URL(filePath: directory + "/config.json")
            let text = try String(contentsOf: path, encoding: .utf8)
            #expect(text.contains("\"layer_norm_eps\": 1e-05"))
            try text.replacing("\"layer_norm_eps\": 1e-05", with: "\"layer_norm_eps\": -1e-05")
                .write(to: path, atomically: true, encoding: .utf8)
            let error = #expect(throws: CheckpointError.self) { _ = try XCLIPModel(directory: directory) }
            #expect(error?.message.contains("layer_norm_eps must be a number from 0 to 1") == true)
        }
    }
}
