import Checkpoints
import Foundation

@testable import Kernels
@testable import XCLIP

/// The golden files in Golden, made by `Golden/make_golden.py` with Hugging Face transformers.
enum Golden {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
        .path
    static let tiny = directory + "/tiny"

    static func labels() throws -> [String] {
        try JSONDecoder().decode(
            [String].self,
            from: Data(contentsOf: URL(fileURLWithPath: directory + "/labels.json"))
        )
    }

    /// A file of golden tensors; a missing one fails the test.
    struct Tensors {
        let file: SafetensorsFile

        init(_ name: String) throws { file = try SafetensorsFile(path: Golden.directory + "/\(name).safetensors") }

        func floats(_ name: String, shape: [Int]) throws -> [Float] { try file.tensor(name, shape: shape).floats() }
    }

    static func reader(_ backend: KernelBackend, weights: String = "tiny") throws -> WeightReader {
        WeightReader(file: try Checkpoint(directory: directory + "/" + weights), backend: backend)
    }

    static func model(
        _ backend: KernelBackend = .best,
        weights: String = "tiny",
        precision: Precision = .float32
    ) throws -> XCLIPModel {
        let configuration = try XCLIPConfiguration(path: tiny + "/config.json")
        return try XCLIPModel(
            name: weights,
            configuration: configuration,
            preprocessing: Preprocessing(directory: tiny, imageSize: configuration.imageSize),
            precision: precision,
            reader: reader(backend, weights: weights)
        )
    }

    static func textEncoder(_ backend: KernelBackend = .best, weights: String = "tiny") throws -> TextEncoder {
        try TextEncoder(
            configuration: XCLIPConfiguration(path: tiny + "/config.json"),
            tokenizer: Tokenizer(directory: tiny),
            reader: reader(backend, weights: weights)
        )
    }

    /// Every backend that this processor supports.
    static let backends = KernelBackend.allCases.filter(\.isAvailable)
}

/// The largest absolute difference between two lists of the same length. NaN, which no bound admits, if one is no number:
/// `max` would pass over it.
func distance(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
    precondition(a.count == b.count, "\(a.count) values against \(b.count)")
    return zip(a, b).map { abs($0 - $1) }.reduce(0) { $0.isNaN || $1 <= $0 ? $0 : $1 }
}

extension Rows {
    /// All values, row by row.
    var values: [Float] { (0..<count).flatMap { Array(self[$0]) } }
}

extension Golden {
    /// Reads a tensor of bytes. The product's reader supports weights only.
    static func bytes(_ file: String, _ name: String) throws -> [UInt8] {
        struct Entry: Decodable { let data_offsets: [Int] }
        let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/\(file).safetensors"))
        let headerBytes = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let header = try JSONSerialization.jsonObject(with: data[8..<8 + headerBytes]) as? [String: Any]
        guard let entry = header?[name] as? [String: Any], let offsets = entry["data_offsets"] as? [Int] else {
            throw CheckpointError(.missingTensor, at: file, name)
        }
        return Array(data[8 + headerBytes + offsets[0]..<8 + headerBytes + offsets[1]])
    }
}
