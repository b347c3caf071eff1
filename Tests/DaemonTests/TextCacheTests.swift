import Foundation
import Kernels
import Synchronization
import TestSupport
import Testing
import Text
import XCLIP

@testable import Checkpoints
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

    private func file(_ texts: [String]) -> PackedFile? {
        cache.file(for: texts, of: model, digest: ModelDigest.of(model), backend: .best)
    }

    /// Writes other weights of the text encoder.
    private func changeEncoder(of model: String, _ change: (Float) -> Float) throws {
        let weights = URL(filePath: model + "/model.safetensors")
        var data = try Data(contentsOf: weights)
        for tensor in try SafetensorsFile(path: weights.path).tensors.values where tensor.name.hasPrefix("text_") {
            #expect(tensor.type == .float32)
            let values = try tensor.floats().map(change)
            data.replaceSubrange(tensor.range, with: values.withUnsafeBytes { Data($0) })
        }
        try data.write(to: weights)
    }

    /// Puts numbers into the file of some texts, as a start that made them would.
    private func write(_ values: [Float], for texts: [String]) throws {
        let file = try #require(self.file(texts))
        _ = file.embeddings(of: texts, width: values.count / texts.count)
        try values.withUnsafeBytes { try file.draft.write([$0]) }
    }

    /// Other numbers show whether they are taken.
    private func forge(_ texts: [String], _ made: [Float]) throws -> [Float] {
        let values = made.map { $0 + 1 }
        try write(values, for: texts)
        return values
    }

    @Test func theNextStartReadsWhatTheFirstMade() async throws {
        let made = try embeddings(nil)
        try await eventually("a model that has not just changed") { file(Self.lists[0]) != nil }
        #expect(try embeddings(cache) == made)
        #expect(try embeddings(cache) == made)
        let forged = try forge(Self.lists[0], made[0])
        #expect(try embeddings(cache) == [forged, made[1]])
        // A damaged file is replaced.
        let path = try #require(file(Self.lists[1])).path
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.dropLast(3).write(to: URL(filePath: path))
        #expect(try embeddings(cache) == [forged, made[1]])
        #expect(try Data(contentsOf: URL(filePath: path)) == whole)
    }

    /// The encoder is not even read: here its weights hold NaN, which it refuses.
    @Test func theNextStartNeedsNoEncoder() async throws {
        let made = try embeddings(nil)
        try changeEncoder(of: model) { _ in .nan }
        try await eventually("a model that has not just changed") { file(Self.lists[0]) != nil }
        try FileManager.default.createDirectory(atPath: cache.directory, withIntermediateDirectories: true)
        for (texts, values) in zip(Self.lists, made) {
            #expect(throws: CheckpointError.self) { _ = try embeddings(cache) }
            try write(values, for: texts)
        }
        #expect(try embeddings(cache) == made)
    }

    @Test func whatAnotherFileMadeIsNotTaken() async throws {
        let made = try embeddings(nil)
        try await eventually("a model that has not just changed") { file(Self.lists[0]) != nil }
        #expect(try embeddings(cache) == made)
        _ = try forge(Self.lists[0], made[0])
        // A tokenizer that is written again may split the texts in another way.
        let tokenizer = model + "/tokenizer.json"
        try Data(contentsOf: URL(filePath: tokenizer)).write(to: URL(filePath: tokenizer))
        #expect(try embeddings(cache) == made)
        try await eventually("a model that has not just changed") { file(Self.lists[0]) != nil }
        #expect(try embeddings(cache) == made)
        // Where a file system has no times of changes, the samples differ.
        let other = cache.file(for: Self.lists[0], of: model, digest: "another's", backend: .best)
        #expect(try #require(other).path != file(Self.lists[0])?.path)
        // Nor are those of a small model kept, which are made in no time.
        let place = directory.path + "/none"
        #expect(try embeddings(PackedCache(directory: place)) == made)
        #expect(!FileManager.default.fileExists(atPath: place))
    }

    /// Else the vectors of the model that the link leads to now would be kept under the name of the one before, which it may
    /// lead to again.
    @Test func whatALinkThatMovesMadeIsNotKept() async throws {
        let (other, link) = (directory.path + "/other", directory.path + "/link")
        try copyContents(of: model, to: other)
        try changeEncoder(of: other) { 1.5 * $0 }
        #expect(symlink(model, link) == 0)
        try await eventually("models that have not just changed") {
            file(Self.lists[0]) != nil && ModelVersion.of(other, digest: "") != nil
        }
        let made = try embeddings(nil)
        let loaded = try LoadedModel.load(link, precision: .float32, cache: cache)
        #expect(throws: OperationError.self) {
            _ = try loaded.embeddings(of: Self.lists, threads: 1) { model, directory in
                #expect(unlink(link) == 0 && symlink(other, link) == 0)
                let encoder = try TextEncoder(of: model, directory: directory)
                #expect(try encoder.encode(Self.lists[0], threads: 1).values != made[0])
                return encoder
            }
        }
        #expect(unlink(link) == 0 && symlink(model, link) == 0)
        let again = try LoadedModel.load(link, precision: .float32, cache: cache)
        #expect(try again.embeddings(of: Self.lists, threads: 1).map(\.values) == made)
    }

    /// Two lists cannot be kept, for one reason.
    @Test func whatCannotBeKeptIsReportedOnce() async throws {
        try await eventually("a model that has not just changed") { file(Self.lists[0]) != nil }
        try directory.write("no directory", to: "file")
        let place = directory.path + "/file/texts"
        let lines = Mutex<[String]>([])
        let cache = PackedCache(directory: place, leastBytes: 0) { line in lines.withLock { $0.append(line) } }
        #expect(try embeddings(cache) == embeddings(nil))
        let line = "embeddings of texts are not kept in \(place): Not a directory; each start makes them"
        #expect(lines.withLock { $0 } == [line])
    }

    /// More than are kept of what is not in use.
    @Test func everyListInUseIsKept() async throws {
        try await eventually("a model that has not just changed") { file(Self.lists[0]) != nil }
        let lists = (1...65).map { ["a door opens", "door \($0)"] }
        let place = directory.path + "/cache"
        func files() throws -> [String: UInt64] {
            let names = try FileManager.default.contentsOfDirectory(atPath: place)
            return try Dictionary(
                uniqueKeysWithValues: names.map { name in
                    var status = stat()
                    try #require(stat("\(place)/\(name)", &status) == 0)
                    return (name, UInt64(status.st_ino))
                }
            )
        }
        let first = try LoadedModel.load(model, precision: .float32, cache: cache)
        let made = try first.embeddings(of: lists, threads: 1).map(\.values)
        let kept = try files()
        #expect(kept.count == 65)
        // A reload asks for the new stream's only.
        _ = try first.embeddings(of: [["a gate opens"]], threads: 1)
        #expect(try files().count == 66)

        let path = try #require(file(lists[0])).path
        var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
        let second = try LoadedModel.load(model, precision: .float32, cache: cache)
        #expect(try second.embeddings(of: lists, threads: 1).map(\.values) == made)
        // None was written again, and the one that is not in use any more made room.
        #expect(try files() == kept)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mtim.tv_sec > 1)
    }

    @Test func theNewestListsAreKept() async throws {
        try await eventually("a model that has not just changed") { file(Self.lists[0]) != nil }
        let place = directory.path + "/cache"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        // Nothing is computed with times, which may be any.
        let times = [Int.min, 0] + (1...63) + [Int(Int32.max), Int.max]
        for (index, seconds) in times.enumerated() {
            try directory.write("x", to: "cache/\(index)-0.texts")
            var times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, "\(place)/\(index)-0.texts", &times, 0) == 0)
        }
        _ = try embeddings(cache)
        let left = Set(try FileManager.default.contentsOfDirectory(atPath: place))
        #expect(left.count == 64 && !left.contains("0-0.texts") && !left.contains("1-0.texts"))
        #expect(left.isSuperset(of: ["65-0.texts", "66-0.texts"]))
    }
}
