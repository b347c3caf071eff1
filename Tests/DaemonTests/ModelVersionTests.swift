import Foundation
import TestSupport
import Testing

@testable import Models

/// What names a model: its digest, which a copy shares, and its version, which every change makes anew.
@Suite struct ModelVersionTests {
    private let directory: TemporaryDirectory
    private var model: String { directory.path + "/model" }

    init() throws {
        directory = try TemporaryDirectory()
        try copyContents(of: TinyDaemon.tree + "/Tests/XCLIPTests/Golden/tiny", to: model)
    }

    private func version(_ model: String) async throws -> String {
        try await eventually("a model that has not just changed") {
            ModelVersion.of(model, digest: ModelDigest.of(model))
        }
    }

    /// Writes a byte in place, and puts the old time back.
    private func change(_ path: String, at offset: UInt64) throws {
        var status = stat()
        #expect(stat(path, &status) == 0)
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: [0xa5])
        try file.close()
        var times = [status.st_atim, status.st_mtim]
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    }

    /// An adapter that is merged into one matrix of a large file may miss every sample.
    @Test func aChangeBetweenTheSamplesIsAnotherVersion() async throws {
        let path = model + "/model.safetensors"
        // Of 16 MiB the first 64 KiB of each 256 are sampled.
        #expect(truncate(path, 16 << 20) == 0)
        let (digest, before) = (ModelDigest.of(model), try await version(model))
        try change(path, at: 9 << 20 | 100 << 10)
        #expect(ModelDigest.of(model) == digest)
        #expect(try await version(model) != before)
    }

    @Test func aCopyHasTheSameDigest() async throws {
        let copy = directory.path + "/copy"
        try copyContents(of: model, to: copy)
        #expect(ModelDigest.of(copy) == ModelDigest.of(model))
        let (copied, original) = (try await version(copy), try await version(model))
        #expect(copied != original)
    }

    /// Only the index knows them.
    @Test func shardsOfAnyNameBelongToTheModel() async throws {
        let bytes = ModelFilesState.weightBytes(in: model)
        try FileManager.default.createDirectory(atPath: model + "/parts", withIntermediateDirectories: true)
        let shards = ["parts/one.safetensors", "two.part"]
        for shard in shards { try directory.write("the weights", to: "model/" + shard) }
        try directory.write("other weights", to: "strange")
        let index = #"{"weight_map": {"a": "parts/one.safetensors", "b": "two.part", "c": "../strange", "d": "none"}}"#
        try directory.write(index, to: "model/model.safetensors.index.json")
        #expect(ModelFilesState.weightBytes(in: model) == bytes + 22)
        for shard in shards {
            let (digest, state) = (ModelDigest.of(model), ModelFilesState(directory: model))
            let before = try await version(model)
            try directory.write("The weights", to: "model/" + shard)
            #expect(ModelDigest.of(model) != digest, "\(shard)")
            #expect(ModelFilesState(directory: model).difference(from: state) == shard)
            #expect(try await version(model) != before, "\(shard)")
        }
        let digest = ModelDigest.of(model)
        try directory.write("Other weights", to: "strange")
        #expect(ModelDigest.of(model) == digest)
    }
}
