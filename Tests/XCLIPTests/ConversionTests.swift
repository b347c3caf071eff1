import Foundation
import TestSupport
import Testing

@testable import Checkpoints
@testable import Kernels
@testable import XCLIP

/// One small model in every format that PyTorch writes (Tests/CheckpointsTests/Golden/make_archives.py). All formats
/// have the same tensors and give PyTorch's logits.
@Suite struct ConversionTests {
    private static let micro = URL(fileURLWithPath: Golden.directory).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("CheckpointsTests/Golden/micro").path
    private static let files = [
        "model.safetensors", "pytorch_model.bin", "pytorch_model-legacy.bin", "authors.pth",
    ]

    /// A folder with one of the files, named as a directory's weights. It is deleted when `body` returns.
    private func withFolder<R>(_ file: String, as name: String, configured: Bool, _ body: (String) throws -> R) throws
        -> R
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ww-convert-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func copy(_ from: String, _ name: String) throws {
            try copyContents(of: from, to: folder.path + "/" + name)
        }
        try copy(Self.micro + "/" + file, name)
        if configured {
            for name in ["config.json", "preprocessor_config.json"] { try copy(Self.micro + "/" + name, name) }
            try copy(Golden.tiny + "/tokenizer.json", "tokenizer.json")
        }
        return try body(folder.path)
    }

    private func logits(_ directory: String, _ backend: KernelBackend = .portable) throws -> [Float] {
        let model = try XCLIPModel(directory: directory, backend: backend)
        let labels = try TextEncoder(directory: directory, backend: backend).encode(Golden.labels(), threads: 1)
        return Stream(model: model, labels: labels, keepsBlockZero: true, threads: 1).exactLogits(
            try Golden.bytes("../../CheckpointsTests/Golden/micro/expected", "pixels")
        )
    }

    private func expected() throws -> (weights: Checkpoint, logits: [Float], bits: [UInt32]) {
        let weights = try Checkpoint(file: Self.micro + "/model.safetensors")
        let theirs = try Checkpoint(file: Self.micro + "/expected.safetensors").tensor("logits", shape: [5]).floats()
        let bits = try withFolder("model.safetensors", as: "model.safetensors", configured: true) {
            try logits($0).map(\.bitPattern)
        }
        return (weights, theirs, bits)
    }

    @Test(arguments: Golden.backends)
    func logitsEqualPyTorchs(backend: KernelBackend) throws {
        let expected = try expected()
        try withFolder("model.safetensors", as: "model.safetensors", configured: true) { folder in
            let ours = try logits(folder, backend)
            #expect(distance(ours, expected.logits) < 1e-4)
        }
    }

    @Test(arguments: ["pytorch_model.bin", "pytorch_model-legacy.bin"])
    func directoryMayHoldAPyTorchFile(file: String) throws {
        let expected = try expected()
        try withFolder(file, as: "pytorch_model.bin", configured: true) { folder in
            let ours = try logits(folder).map(\.bitPattern)
            #expect(ours == expected.bits)
        }
    }

    @Test(arguments: files)
    func everyFormatConvertsToTheSameModel(file: String) throws {
        let expected = try expected()
        // Without a configuration, so that all sizes are inferred from the shapes.
        try withFolder(file, as: file, configured: false) { folder in
            let output = folder + "/out"
            let conversion = ModelConversion(input: folder + "/" + file, output: output, tokenizer: Golden.tiny)
            let report = try conversion.run()
            #expect(report.isInferred && report.leftOut.isEmpty)
            let converted = try Checkpoint(directory: output)
            #expect(converted.tensors.count == expected.weights.tensors.count)
            for (name, tensor) in expected.weights.tensors {
                let ours = try converted.tensor(name, shape: tensor.shape).floats().map(\.bitPattern)
                #expect(try ours == tensor.floats().map(\.bitPattern), "\(name)")
            }
            let said = try logits(output).map(\.bitPattern)
            #expect(said == expected.bits)
            let stated = try XCLIPConfiguration(path: Self.micro + "/config.json")
            #expect(report.configuration == stated)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.sorted() == [file, "out"].sorted())
        }
    }

    @Test func directoryKeepsItsConfiguration() throws {
        try withFolder("pytorch_model.bin", as: "pytorch_model.bin", configured: true) { folder in
            let report = try ModelConversion(input: folder, output: folder + "/out", precision: .bfloat16).run()
            #expect(!report.isInferred)
            let original = try Checkpoint(directory: folder)
            for (name, tensor) in try Checkpoint(directory: folder + "/out").tensors {
                #expect(tensor.type == (tensor.shape.count < 2 ? .float32 : .bfloat16), "\(name)")
                let theirs = try original.tensor(name, shape: tensor.shape).floats()
                #expect(try zip(tensor.floats(), theirs).allSatisfy { abs($0 - $1) <= abs($1) / 256 }, "\(name)")
            }
            let ours = (try logits(folder + "/out"), try expected().logits)
            #expect(distance(ours.0, ours.1) < 0.5)
            for name in ["preprocessor_config.json", "tokenizer.json"] {
                let paths = [folder, folder + "/out"].map { URL(fileURLWithPath: $0 + "/" + name) }
                let copies = try paths.map { try Data(contentsOf: $0) }
                #expect(copies[0] == copies[1])
            }
            let config = try String(contentsOfFile: folder + "/out/config.json", encoding: .utf8)
            #expect(config.contains("\"dtype\" : \"bfloat16\""))
        }
    }

    @Test func missingPartsAreReportedBeforeAnythingIsWritten() throws {
        func expect(_ words: String, _ conversion: ModelConversion, _ folder: String) throws {
            let before = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            let error = #expect(throws: CheckpointError.self) { _ = try conversion.run() }
            #expect(error?.description.contains(words) == true, "\(String(describing: error))")
            let after = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(after == before)
        }
        try withFolder("authors.pth", as: "a.pth", configured: false) { folder in
            let (input, output) = (folder + "/a.pth", folder + "/out")
            try expect("--tokenizer", ModelConversion(input: input, output: output), folder)
            try expect("no such file", ModelConversion(input: folder + "/b.pth", output: output), folder)
            try expect(
                "already exists",
                ModelConversion(input: input, output: folder, tokenizer: Golden.tiny),
                folder
            )
            let views = Self.micro + "/../views.bin"
            try expect(
                "not the weights of an X-CLIP model",
                ModelConversion(input: views, output: output, tokenizer: Golden.tiny),
                folder
            )
        }
    }

    @Test func publishedSizesAreInferredFromTheShapes() throws {
        // Only the shapes matter: every tensor of the largest model is a view of one number.
        let shapes = try XCLIPConfiguration(
            file: JSONFile(
                path: "large",
                values: [
                    "model_type": "xclip", "projection_dim": 768, "prompt_layers": 2, "prompt_num_attention_heads": 12,
                    "text_config": [
                        "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12,
                    ],
                    "vision_config": [
                        "hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16,
                        "num_hidden_layers": 24, "image_size": 336, "patch_size": 14, "num_frames": 16,
                        "mit_hidden_size": 768, "mit_intermediate_size": 3072, "mit_num_attention_heads": 12,
                    ],
                ]
            )
        )
        let small = try Checkpoint(file: Self.micro + "/model.safetensors").tensor("logit_scale", shape: [])
        var tensors: [String: Tensor] = [:]
        for wanted in shapes.tensors {
            tensors[wanted.name] = Tensor(
                name: wanted.name,
                type: .float32,
                file: small.file,
                storage: small.range,
                offset: 0,
                shape: wanted.shape,
                strides: wanted.shape.map { _ in 0 }
            )
        }
        let values = try InferredConfiguration(Checkpoint(path: "large", tensors: tensors)).json()
        let read = try XCLIPConfiguration(file: JSONFile(path: "large", values: values))
        #expect(read == shapes)
    }

    @Test func randomModelsHaveTheTensorsOfTheirConfiguration() throws {
        let configuration = try XCLIPConfiguration(path: Golden.tiny + "/config.json")
        let checkpoint = try Checkpoint(directory: Golden.tiny)
        #expect(Set(configuration.tensors.map(\.name)) == Set(checkpoint.tensors.keys))
        for wanted in configuration.tensors { _ = try checkpoint.tensor(wanted.name, shape: wanted.shape) }
    }
}
