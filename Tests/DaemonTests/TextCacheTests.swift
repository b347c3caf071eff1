import Checkpoints
import Foundation
import Kernels
import TestSupport
import Testing
import XCLIP

@testable import Models

/// The embeddings of texts that a start leaves for the next.
@Suite struct TextCacheTests {
    private static let lists = [["a dog", "nothing"], ["a door opens"]]
    private let directory: TemporaryDirectory
    private let model: String
    private var cache: PackedCache { PackedCache(directory: directory.path + "/cache", leastBytes: 0) }

    init() throws {
        directory = try TemporaryDirectory()
        model = directory.path + "/model"
        try copyContents(of: TinyDaemon.tree + "/Tests/XCLIPTests/Golden/tiny", to: model)
    }

    private func embeddings(_ cache: PackedCache?) throws -> [[Float]] {
        let loaded = try LoadedModel.load(model, precision: .float32, cache: cache)
        return try loaded.embeddings(of: Self.lists, threads: 1).map(\.values)
    }

    private func file(_ texts: [String]) -> PackedFile? { cache.file(for: texts, of: model, backend: .best) }

    /// Puts other numbers into the file of some texts, which shows whether they are taken.
    private func forge(_ texts: [String], _ count: Int) throws -> [Float] {
        let file = try #require(self.file(texts))
        var values = [Float](repeating: 0, count: count)
        #expect(values.withUnsafeMutableBytes { file.read("texts", into: $0) })
        values = values.map { $0 + 1 }
        try values.withUnsafeBytes { try file.write([$0]) }
        return values
    }

    @Test func theNextStartNeedsNoEncoder() async throws {
        let made = try embeddings(nil)
        try await eventually("a model that has not just changed") { file(Self.lists[0]) != nil }
        #expect(try embeddings(cache) == made)
        #expect(try embeddings(cache) == made)
        let forged = try forge(Self.lists[0], made[0].count)
        #expect(try embeddings(cache) == [forged, made[1]])
        // A damaged file is replaced.
        let path = try #require(file(Self.lists[1])).path
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.dropLast(3).write(to: URL(filePath: path))
        #expect(try embeddings(cache) == [forged, made[1]])
        #expect(try Data(contentsOf: URL(filePath: path)) == whole)
    }

    @Test func whatAnotherFileMadeIsNotTaken() async throws {
        let made = try embeddings(nil)
        try await eventually("a model that has not just changed") { file(Self.lists[0]) != nil }
        #expect(try embeddings(cache) == made)
        _ = try forge(Self.lists[0], made[0].count)
        // A tokenizer that is written again may split the texts in another way.
        let tokenizer = model + "/tokenizer.json"
        try Data(contentsOf: URL(filePath: tokenizer)).write(to: URL(filePath: tokenizer))
        #expect(try embeddings(cache) == made)
        try await eventually("a model that has not just changed") { file(Self.lists[0]) != nil }
        #expect(try embeddings(cache) == made)
        // Nor are those of a small model kept, which are made in no time.
        let place = directory.path + "/none"
        #expect(try embeddings(PackedCache(directory: place)) == made)
        #expect(!FileManager.default.fileExists(atPath: place))
    }
}
