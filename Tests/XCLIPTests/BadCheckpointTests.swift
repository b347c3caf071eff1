import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import XCLIP

/// Checkpoints of valid files that do not form a model. Each is refused with the tensor or key that is wrong.
@Suite struct BadCheckpointTests {
    /// A copy of the tiny checkpoint, changed by `change` and deleted when `body` returns.
    private func withCopy<R>(_ change: (URL) throws -> Void, _ body: (String) throws -> R) throws -> R {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("ww-bad-\(UUID().uuidString)")
        try copyContents(of: Golden.tiny, to: copy.path)
        defer { try? FileManager.default.removeItem(at: copy) }
        try change(copy)
        return try body(copy.path)
    }

    private func edit(_ url: URL, _ from: String, _ to: String) throws {
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(text.contains(from))
        try text.replacingOccurrences(of: from, with: to).write(to: url, atomically: true, encoding: .utf8)
    }

    @Test func infiniteWeightIsNamed() throws {
        try withCopy { url in
            var data = try Data(contentsOf: url.appendingPathComponent("model.safetensors"))
            let infinity = withUnsafeBytes(of: Float.infinity.bitPattern.littleEndian) { Data($0) }
            data.replaceSubrange(data.count - 4..<data.count, with: infinity)
            try data.write(to: url.appendingPathComponent("model.safetensors"))
        } _: { path in
            let error = #expect(throws: CheckpointError.self) { _ = try XCLIPModel(directory: path) }
            #expect(error?.description.contains("no numbers") == true)
        }
    }

    @Test func impossibleSizesAreRefusedBeforeAnyAllocation() throws {
        try withCopy { url in
            let file = url.appendingPathComponent("config.json")
            try edit(file, "\"num_frames\": 4", "\"num_frames\": 1024")
            try edit(file, "\"image_size\": 32", "\"image_size\": 8192")
        } _: { path in
            let error = #expect(throws: CheckpointError.self) { _ = try XCLIPModel(directory: path) }
            #expect(error?.description.contains("more than this program can hold") == true)
        }
    }

    @Test func tokenWithoutAnEmbeddingIsRefused() throws {
        try withCopy { url in
            try Data(#"{"<fall>": 640}"#.utf8).write(to: url.appendingPathComponent("added_tokens.json"))
        } _: { path in
            let encoder = try TextEncoder(directory: path)
            let error = #expect(throws: CheckpointError.self) { _ = try encoder.encode(["a <fall> b"], threads: 1) }
            #expect(error?.description.contains("token 640") == true)
        }
    }

    @Test func tokenOfAnImpossibleNumberIsRefused() throws {
        try withCopy { url in
            try edit(url.appendingPathComponent("tokenizer.json"), "\"id\": 639", "\"id\": -1")
        } _: { path in
            let error = #expect(throws: CheckpointError.self) { _ = try TextEncoder(directory: path) }
            #expect(error?.description.contains("added_tokens[1].id") == true)
        }
    }
}
