import Foundation
import TestSupport
import Testing

@testable import Checkpoints
@testable import Kernels
@testable import XCLIP

/// A model in int8 whose blocks come packed from a file is the model that packs them, bit by bit.
@Suite struct PackedModelTests {
    private let directory: TemporaryDirectory
    private let pixels: [UInt8]
    private let labels: LabelEmbeddings
    private var path: String { directory.path + "/m.packed" }

    init() throws {
        directory = try TemporaryDirectory()
        pixels = try Golden.bytes("cached", "pixels")
        labels = try Golden.textEncoder().encode(Golden.labels(), threads: 1)
    }

    private func load(
        _ backend: KernelBackend = .best,
        from model: String = Golden.tiny,
        hasFloats: Bool = false
    ) throws -> (model: XCLIPModel, file: PackedFile) {
        let file = PackedFile(path: path, key: Array(repeating: 1, count: 32))
        let model = try XCLIPModel(
            directory: model,
            precision: .int8,
            hasFloats: hasFloats,
            backend: backend
        ) { _ in file }
        return (model, file)
    }

    /// The logits of every window of a stream.
    private func logits(_ model: XCLIPModel) -> [[Float]] {
        let stream = Stream(model: model, labels: labels, keepsBlockZero: false, threads: 1)
        return (0..<10).compactMap { index in
            stream.push(pixels, frame: index, exact: false)
            return stream.memory.isFull ? stream.logits() : nil
        }
    }

    @Test(arguments: Golden.backends) func logitsAreThoseOfTheModelThatPacks(backend: KernelBackend) throws {
        let alone = try XCLIPModel(directory: Golden.tiny, precision: .int8, hasFloats: false, backend: backend)
        let first = try load(backend)
        #expect(!first.file.isComplete)
        try write(first.model, to: first.file)
        let second = try load(backend)
        #expect(second.file.isComplete)
        let expected = logits(alone)
        #expect(logits(first.model) == expected && logits(second.model) == expected)
        #expect(bytes(second.model) == bytes(alone))
        // Exact passes, beside it, are the published model's.
        let both = try load(backend, hasFloats: true)
        #expect(both.file.isComplete && both.model.hasFloats && logits(both.model) == expected)
    }

    private func bytes(_ model: XCLIPModel) -> [[UInt8]] { model.withPackedMatrices { $0.map { Array($0) } } }

    private func write(_ model: XCLIPModel, to file: PackedFile) throws {
        try model.withPackedMatrices { try file.draft.write($0) }
    }

    /// The floats of a block are not even read: here they hold NaN, which a model that packs them refuses.
    @Test func whatLiesPackedIsNotReadInFloats() throws {
        let (healthy, file) = try load()
        try write(healthy, to: file)
        let hollow = directory.path + "/hollow"
        try copyContents(of: Golden.tiny, to: hollow)
        let weights = URL(filePath: hollow + "/model.safetensors")
        var data = try Data(contentsOf: weights)
        let tensors = try SafetensorsFile(path: weights.path).tensors
        let blocks = tensors.values.filter {
            $0.name.hasPrefix("vision_model.encoder.layers.") && $0.shape.count == 2 && $0.name.hasSuffix(".weight")
        }
        #expect(blocks.count == healthy.configuration.vision.layers * 11)
        for tensor in blocks {
            data.replaceSubrange(tensor.range, with: Data(repeating: 0xff, count: tensor.range.count))
        }
        try data.write(to: weights)
        let (model, again) = try load(from: hollow)
        #expect(again.isComplete && bytes(model) == bytes(healthy))
        #expect(throws: CheckpointError.self) { _ = try XCLIPModel(directory: hollow, precision: .int8) }
    }

    /// What is damaged is packed from the checkpoint, and the file is replaced by one that is whole.
    @Test func aDamagedFileMakesTheSameModel() throws {
        let (healthy, file) = try load()
        try write(healthy, to: file)
        let (data, expected) = (try Data(contentsOf: URL(filePath: path)), bytes(healthy))
        var random = SeededGenerator(seed: 5)
        for trial in 0..<40 {
            var damaged = data
            let place = Int.random(in: 0..<data.count, using: &random)
            switch trial % 4 {
            case 0: damaged = data.prefix(place)
            case 1: damaged[place] ^= 1 << UInt8(trial / 4 % 8)
            case 2: damaged.replaceSubrange(place..., with: Data(repeating: 0, count: data.count - place))
            default: damaged = trial == 3 ? Data() : data + [UInt8(trial)]
            }
            try damaged.write(to: URL(filePath: path))
            let (model, file) = try load()
            #expect(bytes(model) == expected, "\(trial)")
            // Zeros may stand where zeros stood.
            guard damaged != data else { continue }
            #expect(!file.isComplete, "\(trial)")
            try write(model, to: file)
            #expect(try Data(contentsOf: URL(filePath: path)) == data)
        }
    }

    /// Another checkpoint under the same name would be a fault of the key. Its sizes still keep it out.
    @Test func aFileOfOtherSizesIsNotTaken() throws {
        let (healthy, file) = try load()
        try write(healthy, to: file)
        var data = try Data(contentsOf: URL(filePath: path))
        data.removeSubrange(48..<112)
        try data.write(to: URL(filePath: path))
        let (model, again) = try load()
        #expect(!again.isComplete && bytes(model) == bytes(healthy))
    }
}
