import Foundation
import Frames
import Kernels
import TestSupport
import Testing

@testable import Checkpoints
@testable import Resampling
@testable import XCLIP

/// Checkpoints whose JSON files have been changed, as tools save them, as people reported them and at random. Each gives the
/// logits of transformers (Tests/Reference/mutations.py), or is refused in one line; none gives other logits.
@Suite struct MutationTests {
    struct Cases: Decodable {
        let labels: [String]
        let width: Int
        let height: Int
        let cases: [Case]
    }

    struct Case: Decodable, CustomTestStringConvertible {
        let name: String
        /// The text of each changed file; nil for a file that is not there.
        let files: [String: String?]
        let logits: [Float]?
        let refused: String?

        var testDescription: String { name }
        /// Its name without the tokenizer's file.
        var kind: String {
            ["tokenizer.json, ", "vocab.json, ", "tokenizer.json: "].first { name.hasPrefix($0) }
                .map { String(name.dropFirst($0.count)) } ?? name
        }
    }

    /// Cases that transformers follows and this program refuses. For what follows the tokenizer's file in their names.
    private static let refusedOnly: Set = [
        "both edges", "do_pad", "ConvNext", "another type", "relu", "gelu_new", "a new pad_token",
        "a new pad_token and the right end", "padding_side", "truncation_side", "RobertaTokenizer", "other ends",
        "no lower case", "another expression", "prefix space", "no suffix",
    ]
    /// Keys that transformers checks the type of, and that have no part in a logit.
    private static let unread = [
        "drop_path_rate", "attention_dropout", "initializer_range", "initializer_factor", "pad_token_id",
        "bos_token_id",
        "eos_token_id", "logit_scale_init_value", "prompt_alpha", "prompt_attention_dropout",
        "prompt_projection_dropout",
    ]

    private let cases: Cases
    private let tokenizers: [String: [[Any]]]
    private let grown: Checkpoint

    init() throws {
        let data = try Data(contentsOf: URL(filePath: Golden.directory + "/mutations.json"))
        cases = try JSONDecoder().decode(Cases.self, from: data)
        let whole = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        var tokenizers: [String: [[Any]]] = [:]
        for entry in whole?["cases"] as? [[String: Any]] ?? [] {
            if let name = entry["name"] as? String { tokenizers[name] = entry["tokenizer"] as? [[Any]] ?? [] }
        }
        self.tokenizers = tokenizers
        grown = try Checkpoint(directory: Golden.tiny)
    }

    @Test func everyCaseIsTransformersOrRefused() throws {
        #expect(cases.cases.count > 200 && cases.cases.filter { $0.logits != nil }.count > 100)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ww-mutation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeGrown(to: folder.path + "/model.safetensors")
        let clip = noise(4 * cases.width * cases.height * 3)
        var refused = 0
        for item in cases.cases {
            try prepare(item, in: folder.path)
            do {
                let ours = try logits(folder.path, clip)
                guard let theirs = item.logits else {
                    let reason = item.refused ?? ""
                    let isUnread = Self.unread.contains { reason.contains("field '\($0)'") }
                    if !isUnread && !item.name.contains("config.json: dtype") {
                        Issue.record("\(item.name): transformers refuses it (\(reason)); ours gives \(ours)")
                    }
                    continue
                }
                let error = distance(ours, theirs)
                #expect(error < 1e-3, "\(item.name): off by \(error): \(ours), transformers \(theirs)")
            } catch let error as CheckpointError {
                #expect(!error.description.contains("\n") && error.description.count < 600, "\(item.name): \(error)")
                if item.logits == nil { continue }
                if item.name.hasPrefix("random") {
                    refused += 1
                } else if !Self.refusedOnly.contains(item.kind) {
                    Issue.record("\(item.name): refused (\(error)); transformers follows it")
                }
            }
        }
        let random = cases.cases.filter { $0.name.hasPrefix("random") && $0.logits != nil }.count
        #expect(random > 60 && refused < random / 4, "\(refused) of \(random) that transformers follows are refused")
    }

    private func logits(_ directory: String, _ clip: [UInt8]) throws -> [Float] {
        let model = try XCLIPModel(directory: directory, backend: .portable)
        let labels = try TextEncoder(directory: directory, backend: .portable).encode(cases.labels, threads: 1)
        let stream = Stream(model: model, labels: labels, keepsBlockZero: true, threads: 1)
        let size = cases.width * cases.height * 3
        let pixels = (0..<model.configuration.frames).flatMap { frame in
            resized(Array(clip[frame % 4 * size..<(frame % 4 + 1) * size]), model.transform)
        }
        return stream.exactLogits(pixels)
    }

    private func resized(_ picture: [UInt8], _ transform: InputTransform) -> [UInt8] {
        let geometry = ResizeGeometry(sourceWidth: cases.width, sourceHeight: cases.height, transform: transform)
        let resampler = Resampler(geometry: geometry, transform: transform)
        let source = picture + [UInt8](repeating: 0, count: PixelBuffer.slack)
        return [UInt8](unsafeUninitializedCapacity: transform.byteCount) { buffer, count in
            count = transform.byteCount
            source.withUnsafeBufferPointer { source in
                guard let output = buffer.baseAddress, let source = source.baseAddress else { return }
                output.initialize(repeating: 0, count: count)
                resampler.resample(source, strideBytes: cases.width * 3, into: output)
            }
        }
    }

    /// The tiny checkpoint's files, the case's in their place.
    private func prepare(_ item: Case, in folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name != "model.safetensors" {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: Golden.tiny) where name != "model.safetensors" {
            try copyContents(of: "\(Golden.tiny)/\(name)", to: "\(folder)/\(name)")
        }
        let config = try String(contentsOfFile: "\(folder)/config.json", encoding: .utf8)
            .replacing("\"vocab_size\": 640", with: "\"vocab_size\": 656")
            .replacing("\"max_position_embeddings\": 77", with: "\"max_position_embeddings\": 96")
        try write(config, to: "\(folder)/config.json")
        for (name, text) in item.files {
            if let text {
                try write(text, to: "\(folder)/\(name)")
            } else {
                try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            }
        }
        guard let changes = tokenizers[item.name], !changes.isEmpty else { return }
        let path = "\(folder)/tokenizer.json"
        var values = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
        for change in changes {
            values = try applying(change[1], at: try #require(change[0] as? [Any])[...], to: values)
        }
        try JSONSerialization.data(withJSONObject: values).write(to: URL(filePath: path))
    }

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// `value` at a path of keys and indices; a null removes what is there.
    private func applying(_ value: Any, at path: ArraySlice<Any>, to node: Any) throws -> Any {
        guard let part = path.first else { return value }
        let isEnd = path.count == 1 && value is NSNull
        if var object = node as? [String: Any] {
            let key = try #require(part as? String)
            object[key] = isEnd ? nil : try applying(value, at: path.dropFirst(), to: object[key] ?? [:])
            return object
        }
        var list = try #require(node as? [Any])
        let index = try #require(part as? Int)
        if isEnd {
            list.remove(at: index)
        } else if index == list.count {
            list.append(try applying(value, at: path.dropFirst(), to: [:]))
        } else {
            list[index] = try applying(value, at: path.dropFirst(), to: list[index])
        }
        return list
    }

    /// The weights with more tokens and positions: the first rows again, negated.
    private func writeGrown(to path: String) throws {
        let more = [
            "text_model.embeddings.token_embedding.weight": 16, "text_model.embeddings.position_embedding.weight": 19,
        ]
        let tensors = grown.tensors.values.sorted { $0.name < $1.name }
        let writer = try SafetensorsWriter(
            path: path,
            tensors: tensors.map { tensor in
                let rows = more[tensor.name] ?? 0
                return (tensor.name, rows > 0 ? [tensor.shape[0] + rows, tensor.shape[1]] : tensor.shape, tensor.type)
            }
        )
        for tensor in tensors {
            let values = try tensor.floats()
            let rows = more[tensor.name] ?? 0
            try writer.write(values + values.prefix(rows > 0 ? rows * tensor.shape[1] : 0).map { -$0 })
        }
        try writer.close()
    }

    /// The bytes of the generator that made the golden file.
    private func noise(_ count: Int) -> [UInt8] {
        var state: UInt32 = 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }
}
