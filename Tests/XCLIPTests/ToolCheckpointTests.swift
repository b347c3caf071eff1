import Foundation
import Kernels
import TestSupport
import Testing

@testable import Checkpoints
@testable import XCLIP

/// The tiny checkpoint as training tools leave it. Each form gives the logits that transformers gives for the plain one.
@Suite struct ToolCheckpointTests {
    private let stages: Golden.Tensors
    private let pixels: [UInt8]
    private let weights: Checkpoint

    init() throws {
        stages = try Golden.Tensors("stages")
        pixels = try Golden.bytes("stages", "pixels")
        weights = try Checkpoint(directory: Golden.tiny)
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ww-tool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["config.json", "preprocessor_config.json", "tokenizer.json"] {
            try copyContents(of: "\(Golden.tiny)/\(name)", to: "\(folder.path)/\(name)")
        }
        try body(folder.path)
    }

    private func logits(_ directory: String) throws -> [Float] {
        let model = try XCLIPModel(directory: directory, backend: .portable)
        let labels = try TextEncoder(directory: directory, backend: .portable).encode(Golden.labels(), threads: 1)
        return Stream(model: model, labels: labels, keepsBlockZero: true, threads: 1).exactLogits(pixels)
    }

    private func expectTheSame(_ directory: String) throws {
        let ours = try logits(directory)
        let theirs = try stages.floats("logits", shape: [ours.count])
        #expect(distance(ours, theirs) < 1e-4, "\(directory): \(ours), transformers \(theirs)")
    }

    /// Writes the weights that `keeps` names, renamed and retyped.
    private func write(
        _ path: String,
        type: TensorType = .float32,
        keeping keeps: (String) -> Bool = { _ in true },
        shape: (String, [Int]) -> [Int] = { $1 },
        naming name: (String) -> String = { $0 }
    ) throws {
        let tensors = weights.tensors.values.filter { keeps($0.name) }.sorted { $0.name < $1.name }
        let writer = try SafetensorsWriter(
            path: path,
            tensors: tensors.map { (name($0.name), shape($0.name, $0.shape), type) }
        )
        for tensor in tensors { try writer.write(tensor.floats()) }
        try writer.close()
    }

    @Test(arguments: [
        "module.", "model.", "_orig_mod.", "_fsdp_wrapped_module.", "student.net.", "_orig_mod.module.", "",
    ])
    func namesLoseTheToolsPrefix(prefix: String) throws {
        try withFolder { folder in
            // FSDP and checkpointing also wrap the layers inside.
            let name = { (name: String) in
                prefix + name.replacing("encoder.layers.", with: "encoder._fsdp_wrapped_module.layers._orig_mod.")
            }
            try write(folder + "/model.safetensors", naming: name)
            try expectTheSame(folder)
        }
    }

    @Test func severalModelsInOneFileAreRefused() throws {
        try withFolder { folder in
            let names = ["logit_scale": "model.logit_scale", "mit.position_embedding": "ema.logit_scale"]
            try write(
                folder + "/model.safetensors",
                keeping: { names[$0] != nil },
                naming: { names[$0] ?? $0 }
            )
            let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(directory: folder) }
            #expect(error?.description.contains("several models (ema., model.)") == true, "\(error as Any)")
        }
    }

    @Test func aListOfOneNumberIsANumber() throws {
        try withFolder { folder in
            try write(folder + "/model.safetensors", shape: { $0 == "logit_scale" ? [1] : $1 })
            try expectTheSame(folder)
        }
    }

    @Test func doublesAreReadAndConverted() throws {
        try withFolder { folder in
            try write(folder + "/model.safetensors", type: .float64)
            try expectTheSame(folder)
            _ = try ModelConversion(input: folder, output: folder + "/out").run()
            try expectTheSame(folder + "/out")
            #expect(try Checkpoint(directory: folder + "/out").tensors.values.allSatisfy { $0.type == .float32 })
        }
    }

    @Test func shardsWithoutAnIndexAndInAFolder() throws {
        try withFolder { folder in
            let isFirst = { (name: String) in name.hasPrefix("vision_model") }
            try write(folder + "/model-00001-of-00002.safetensors", keeping: isFirst)
            let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(directory: folder) }
            #expect(error?.place.hasSuffix("model-00002-of-00002.safetensors") == true, "\(error as Any)")
            try write(folder + "/model-00002-of-00002.safetensors", keeping: { !isFirst($0) })
            try expectTheSame(folder)

            try FileManager.default.createDirectory(atPath: folder + "/shards", withIntermediateDirectories: true)
            for number in 1...2 {
                let name = "model-0000\(number)-of-00002.safetensors"
                try FileManager.default.moveItem(atPath: "\(folder)/\(name)", toPath: "\(folder)/shards/\(name)")
            }
            let map = Dictionary(
                uniqueKeysWithValues: weights.tensors.keys.map {
                    ($0, "shards/model-0000\(isFirst($0) ? 1 : 2)-of-00002.safetensors")
                }
            )
            try JSONSerialization.data(withJSONObject: ["weight_map": map])
                .write(to: URL(filePath: folder + "/model.safetensors.index.json"))
            try expectTheSame(folder)
        }
    }

    @Test func aPointerOfGitLFSIsNamed() throws {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
        for name in ["model.safetensors", "tokenizer.json", "config.json"] {
            try withFolder { folder in
                try write(folder + "/model.safetensors")
                try pointer.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
                let error = #expect(throws: CheckpointError.self) { _ = try logits(folder) }
                #expect(error?.description.contains("Git LFS pointer") == true, "\(error as Any)")
                #expect(error?.place.hasSuffix(name) == true, "\(error as Any)")
            }
        }
    }

    @Test func otherToolsPartsAreNamedWithTheRemedy() throws {
        for (name, remedy) in [
            ("__0_0.distcp", "dcp_to_torch"), ("zero_to_fp32.py", "zero_to_fp32.py"), ("last.ckpt", "convert"),
        ] {
            try withFolder { folder in
                try Data().write(to: URL(filePath: "\(folder)/\(name)"))
                let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(directory: folder) }
                #expect(error?.description.contains(remedy) == true, "\(error as Any)")
            }
        }
    }

    /// PEFT's adapter and PEFT's merged logits (Tests/Reference/adapter.py).
    @Test func anAdapterIsMergedAsPEFTMergesIt() throws {
        let adapter = Golden.directory + "/adapter"
        try withFolder { folder in
            let output = folder + "/merged"
            _ = try ModelConversion(input: Golden.tiny, output: output, adapter: adapter).run()
            let ours = try logits(output)
            let theirs = try Checkpoint(file: adapter + "/expected.safetensors").tensor("logits", shape: [ours.count])
                .floats()
            #expect(distance(ours, theirs) < 1e-3, "\(ours), PEFT \(theirs)")
            #expect(
                distance(ours, try stages.floats("logits", shape: [ours.count])) > 0.1,
                "the adapter changes nothing"
            )
            let alone = #expect(throws: CheckpointError.self) { _ = try Checkpoint(directory: adapter) }
            #expect(alone?.description.contains("--base MODEL") == true, "\(alone as Any)")
        }
    }

    @Test(arguments: [
        (#""use_dora": false"#, #""use_dora": true"#), (#""peft_type": "LORA""#, #""peft_type": "LOHA""#),
        (#""bias": "none""#, #""bias": "all""#), (#""modules_to_save": null"#, #""modules_to_save": ["mit"]"#),
    ])
    func anotherAdapterIsRefused(from: String, to: String) throws {
        try withFolder { folder in
            let adapter = folder + "/adapter"
            try FileManager.default.createDirectory(atPath: adapter, withIntermediateDirectories: true)
            let config = try String(contentsOfFile: Golden.directory + "/adapter/adapter_config.json", encoding: .utf8)
            try #require(config.contains(from))
            try config.replacing(from, with: to).write(
                toFile: adapter + "/adapter_config.json",
                atomically: true,
                encoding: .utf8
            )
            try copyContents(
                of: Golden.directory + "/adapter/adapter_model.safetensors",
                to: adapter + "/adapter_model.safetensors"
            )
            let error = #expect(throws: CheckpointError.self) { _ = try LoRAAdapter(directory: adapter) }
            #expect(error?.description.contains("merge_and_unload") == true, "\(error as Any)")
        }
    }
}
