import Foundation
import Testing

@testable import Checkpoints

/// What PyTorch wrote, against what safetensors wrote of the same tensors.
@Suite struct ArchiveTests {
    private static let weights = [
        "plain.f32", "plain.f16", "plain.bf16", "shared.whole", "shared.slice", "shared.columns", "shared.permuted",
        "transposed.f16", "transposed.bf16", "parameter", "scalar", "empty", "one.sided", "expanded",
        "strides.half_way",
    ]

    @Test(arguments: ["views.bin", "views-legacy.bin"])
    func everyViewEqualsItsContiguousCopy(name: String) throws {
        let expected = try Checkpoint(file: Golden.path("views.safetensors"))
        let archive = try Checkpoint(file: Golden.path(name))
        #expect(Set(archive.tensors.keys) == Set(Self.weights + ["double"]))
        for name in Self.weights {
            let (theirs, ours) = (try #require(expected.tensors[name]), try #require(archive.tensors[name]))
            #expect(ours.shape == theirs.shape && ours.type == theirs.type, "\(name)")
            #expect(try ours.bits == theirs.bits, "\(name)")
            // Any stretch of it alone: what the model's loader asks for.
            for first in stride(from: 0, to: ours.count, by: 5) {
                let range = first..<min(first + 3, ours.count)
                var part = [Float](repeating: 0, count: range.count)
                try part.withUnsafeMutableBufferPointer { try ours.read(range, into: $0) }
                #expect(try part == Array(theirs.floats()[range]), "\(name) \(range)")
            }
        }
    }

    @Test func contiguousTensorsAreNotCopied() throws {
        let archive = try Checkpoint(file: Golden.path("views.bin"))
        let whole = try #require(archive.tensors["shared.whole"])
        let slice = try #require(archive.tensors["shared.slice"])
        #expect(slice.strides == nil && slice.file === whole.file)
        // Rows of 5 · 4 floats.
        let start = whole.range.lowerBound
        #expect(slice.range == start + 160..<start + 320)
        #expect(archive.tensors["parameter"]?.strides == nil)
        #expect(archive.tensors["shared.columns"]?.strides == [20, 4, 2])
    }

    @Test(arguments: ["views.bin", "views-legacy.bin"])
    func whatIsNoWeightIsNamedWhenAskedFor(name: String) throws {
        let archive = try Checkpoint(file: Golden.path(name))
        #expect(archive.others == ["ids": "int64", "mask": "bool"])
        let error = #expect(throws: CheckpointError.self) { try archive.tensor("ids", shape: [4]) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("tensor ids is stored as int64") == true)
        #expect(try archive.tensor("double", shape: [2]).floats() == [0, 0])
    }

    @Test func shardsAreOneCheckpoint() throws {
        let expected = try Checkpoint(file: Golden.path("views.safetensors"))
        let shards = try Checkpoint(directory: Golden.path("sharded"))
        #expect(shards.tensors.count == 3)
        for (name, tensor) in shards.tensors { #expect(try tensor.bits == expected.tensors[name]?.bits, "\(name)") }
    }

    @Test(arguments: [
        (#"{"weight_map":{"a":"../plain.bin"}}"#, CheckpointError.Code.malformed),
        (#"{"weight_map":{"a":"/etc/passwd"}}"#, .malformed),
        (#"{"weight_map":{"a":"pytorch_model.bin.index.json"}}"#, .malformed),
        (#"{"weight_map":{"a":"absent.bin"}}"#, .notFound),
        (#"{"weight_map":["a"]}"#, .malformed),
        ("{}", .malformed),
    ])
    func anIndexLeadsNowhereElse(index: String, code: CheckpointError.Code) throws {
        try withFile("pytorch_model.bin.index.json", index.utf8) { path in
            let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(file: path) }
            #expect(error?.code == code)
        }
    }

    @Test func aTensorThatItsShardLacksIsNamed() throws {
        try withFile("plain.bin", try Data(contentsOf: URL(fileURLWithPath: Golden.path("plain.bin")))) { shard in
            let directory = (shard as NSString).deletingLastPathComponent
            let index = directory + "/pytorch_model.bin.index.json"
            try Data(#"{"weight_map":{"a":"plain.bin","c":"plain.bin"}}"#.utf8).write(to: URL(fileURLWithPath: index))
            let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(directory: directory) }
            #expect(error?.description == "\(index): plain.bin holds no tensor c; download it again")
        }
    }

    @Test func theAuthorsFileGivesItsModelOnly() throws {
        let archive = try Checkpoint(file: Golden.path("micro/authors.pth"))
        #expect(archive.tensors["visual.conv1.weight"]?.shape == [4, 3, 4, 4])
        #expect(archive.tensors["transformer.resblocks.0.attn.in_proj_weight"]?.shape == [12, 4])
        #expect(try archive.tensors["logit_scale"]?.floats() == [3])
        #expect(archive.tensors["exp_avg"] == nil && archive.others.isEmpty)
    }

    @Test func viewsOfViews() throws {
        let matrix = try #require(try Checkpoint(file: Golden.path("views.bin")).tensors["plain.f32"])
        let values = try matrix.floats()
        let (rows, turned) = (matrix.rows(1..<3), matrix.transposed())
        #expect(rows.shape == [2, 7] && rows.strides == nil)
        #expect(try rows.floats() == Array(values[7...]))
        #expect(turned.shape == [7, 3])
        let byColumns = (0..<21).map { index -> Float in values[index % 3 * 7 + index / 3] }
        #expect(try turned.floats() == byColumns)
        #expect(try turned.rows(2..<4).floats() == Array(turned.floats()[6..<12]))
        #expect(try turned.transposed().floats() == values)
        #expect(try matrix.rows(3..<3).floats().isEmpty)
    }

    @Test func roundingIsPyTorchs() throws {
        let checkpoint = try Checkpoint(file: Golden.path("views.safetensors"))
        let values = try #require(checkpoint.tensors["strides.half_way"]).floats()
        let halves = try #require(checkpoint.tensors["rounded.f16"]).bits
        let brains = try #require(checkpoint.tensors["rounded.bf16"]).bits
        #expect(values.map { floatFromHalf(halfFromFloat($0)).bitPattern } == halves)
        #expect(values.map { UInt32(brainFromFloat($0)) << 16 } == brains)
        for bits in UInt16.min...UInt16.max where !floatFromHalf(bits).isNaN {
            #expect(halfFromFloat(floatFromHalf(bits)) == bits)
        }
        #expect(floatFromHalf(halfFromFloat(.nan)).isNaN && brainFromFloat(.nan) == 0x7fc0)
    }

    @Test(arguments: [TensorType.float32, .float16, .bfloat16, .float64])
    func whatIsWrittenOfAViewIsReadBack(type: TensorType) throws {
        let archive = try Checkpoint(file: Golden.path("views.bin"))
        try withFile("out.safetensors", []) { path in
            let names = Self.weights
            let tensors = names.compactMap { archive.tensors[$0] }
            let writer = try SafetensorsWriter(path: path, tensors: tensors.map { ($0.name, $0.shape, type) })
            for tensor in tensors { try writer.write(tensor) }
            try writer.close()
            let written = try Checkpoint(file: path).tensors
            for tensor in tensors {
                let expected = try tensor.floats().map { value in
                    switch type {
                    case .float32, .float64: value.bitPattern
                    case .float16: floatFromHalf(halfFromFloat(value)).bitPattern
                    case .bfloat16: UInt32(brainFromFloat(value)) << 16
                    }
                }
                #expect(try written[tensor.name]?.bits == expected, "\(tensor.name)")
            }
        }
    }
}
