import Checkpoints
import Foundation
import Kernels
import Synchronization
import System
import TestSupport
import Testing
import XCLIP

@testable import Models

/// The packed weights that a start leaves for the next.
@Suite struct PackedCacheTests {
    private static let golden = TinyDaemon.tree + "/Tests/XCLIPTests/Golden/"
    private let directory: TemporaryDirectory
    private var place: String { directory.path + "/cache/packed" }
    private var cache: PackedCache { PackedCache(directory: place, leastBytes: 0) }

    init() throws { directory = try TemporaryDirectory() }

    private func names() throws -> [String] {
        FileManager.default.fileExists(atPath: place) ? try FileManager.default.contentsOfDirectory(atPath: place) : []
    }

    private func load(
        _ model: String = golden + "tiny",
        backend: KernelBackend = .best,
        cache: PackedCache?
    ) throws -> [[UInt8]] {
        let loaded = try LoadedModel.load(model, precision: .int8, hasFloats: false, backend: backend, cache: cache)
        return loaded.model.withPackedMatrices { $0.map { Array($0) } }
    }

    private func file(_ model: String) throws -> PackedFile? {
        let (checkpoint, digest) = (try Checkpoint(directory: model), ModelDigest.of(model))
        return cache.file(for: checkpoint, of: model, digest: digest, backend: .best)
    }

    /// Waits until a further change of the model's files would show.
    private func settle(_ model: String) async throws {
        try await eventually("a model that has not just changed") { try file(model) != nil }
    }

    @Test func theNextStartReadsWhatTheFirstPacked() async throws {
        try await settle(Self.golden + "tiny")
        let packed = try load(cache: nil)
        #expect(try names() == [])
        #expect(try load(cache: cache) == packed)
        let name = try #require(try names().first)
        let first = try Data(contentsOf: URL(filePath: "\(place)/\(name)"))
        // A file is written anew unless every matrix came from it.
        var status = stat()
        #expect(stat("\(place)/\(name)", &status) == 0)
        let inode = status.st_ino
        #expect(try load(cache: cache) == packed)
        #expect(try names() == [name])
        #expect(stat("\(place)/\(name)", &status) == 0 && status.st_ino == inode)
        #expect(stat(place, &status) == 0 && status.st_mode & 0o777 == 0o700)
        // A damaged one is replaced.
        try first.dropLast(5).write(to: URL(filePath: "\(place)/\(name)"))
        #expect(try load(cache: cache) == packed)
        #expect(try Data(contentsOf: URL(filePath: "\(place)/\(name)")) == first)
    }

    @Test func anotherModelOrProcessorHasAnotherFile() async throws {
        let other = directory.path + "/half"
        try copyContents(of: Self.golden + "tiny", to: other)
        try copyContents(of: Self.golden + "tiny-f16", to: other)
        for model in [Self.golden + "tiny", other] { try await settle(model) }
        #expect(try load(cache: cache) == load(cache: nil))
        let half = try load(other, cache: cache)
        #expect(try half == load(other, cache: nil))
        #expect(try names().count == 2)
        let portable = try load(backend: .portable, cache: cache)
        #expect(try portable == load(backend: .portable, cache: nil))
        #expect(try names().count == 3)
        // A file under another's name is one of a wrong key.
        let (a, b) = ("\(place)/\(try names()[0])", "\(place)/\(try names()[1])")
        #expect(rename(a, a + "-") == 0 && rename(b, a) == 0 && rename(a + "-", b) == 0)
        #expect(try load(cache: cache) == load(cache: nil))
        #expect(try load(other, cache: cache) == half)
        #expect(try load(backend: .portable, cache: cache) == portable)
    }

    /// The size stays, and a tool may put the old time back: the kernel's own time of the change does not.
    @Test func weightsThatChangeInPlaceArePackedAnew() async throws {
        let model = directory.path + "/model"
        try copyContents(of: Self.golden + "tiny", to: model)
        try await settle(model)
        let before = try load(model, cache: cache)
        let name = try names()
        #expect(name.count == 1)

        let path = model + "/model.safetensors"
        var status = stat()
        #expect(stat(path, &status) == 0)
        let tensor = try #require(
            try Checkpoint(directory: model).tensors["vision_model.encoder.layers.0.message_fc.weight"]
        )
        let old = try tensor.floats().withUnsafeBytes { Data($0) }
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let offset = try #require(try Data(contentsOf: URL(filePath: path)).firstRange(of: old)).lowerBound
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: [Float](repeating: 0.5, count: tensor.count).withUnsafeBytes { Data($0) })
        try file.close()
        var times = [status.st_atim, status.st_mtim]
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)

        // Just changed, so nothing is kept of it; but what was kept of the old weights is not taken either.
        let after = try load(model, cache: cache)
        #expect(try after != before && after == load(model, cache: nil))
        try await settle(model)
        #expect(try load(model, cache: cache) == after)
        let next = try names()
        #expect(next.count == 1 && next != name)
    }

    /// Images with constant times, FAT and some mounts have no times that show a change.
    @Test func whereTimesAreEqualTheContentsName() async throws {
        let models = ["a", "twin", "b"].map { "\(directory.path)/\($0)" }
        for model in models { try copyContents(of: Self.golden + "tiny", to: model) }
        let paths = models.map { $0 + "/model.safetensors" }
        var weights = try Data(contentsOf: URL(filePath: paths[2]))
        weights[weights.count - 1] ^= 1
        try weights.write(to: URL(filePath: paths[2]))
        try await eventually("files of the same times") {
            // Twice: where a look at a time refines the next one, only the first is refined.
            for path in paths + paths {
                var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
                #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
            }
            let versions = Set(try paths.map { try RegularFile($0).version.description })
            return versions.count == 1
        }
        for model in models { try await settle(model) }
        let keys = try models.map { model in
            try #require(try file(model)).path.split(separator: "-").last
        }
        #expect(keys[0] == keys[1] && keys[0] != keys[2])
    }

    @Test func whereNothingCanBeWrittenTheModelLoadsAsBefore() async throws {
        try await settle(Self.golden + "tiny")
        try directory.write("no directory", to: "file")
        let packed = try load(cache: nil)
        let places = [
            (directory.path + "/file/packed", "Not a directory"), ("/proc/self/packed", "No such file or directory"),
        ]
        for (place, reason) in places {
            let lines = Mutex<[String]>([])
            let cache = PackedCache(directory: place, leastBytes: 0) { line in lines.withLock { $0.append(line) } }
            #expect(try load(cache: cache) == packed)
            let line = "packed weights are not kept in \(place): \(reason); each start packs them"
            #expect(lines.withLock { $0 } == [line])
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["file"])
    }

    @Test func theDaemonWritesOnceItRuns() async throws {
        try await settle(Self.golden + "tiny")
        let loaded = try LoadedModel.load(
            Self.golden + "tiny",
            precision: .int8,
            hasFloats: false,
            cache: cache,
            keepsPacked: false
        )
        #expect(try names() == [])
        loaded.keepPacked()
        #expect(try names().count == 1)
        #expect(try load(cache: cache) == load(cache: nil))
    }

    /// Else a disk with room for one file would never get the new one. A directory in its place has the writing fail.
    @Test func oldFilesGoBeforeTheNewOneIsWritten() async throws {
        try await settle(Self.golden + "tiny")
        let path = try #require(try file(Self.golden + "tiny")).path
        let name = (path as NSString).lastPathComponent
        let model = name.prefix { $0 != "-" }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for old in ["\(model)-0.packed", "\(model)-0.packed.draft", "other-0.packed"] {
            try directory.write("x", to: "cache/packed/\(old)")
            var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, "\(place)/\(old)", &times, 0) == 0)
        }
        #expect(try load(cache: cache) == load(cache: nil))
        #expect(try Set(names()) == [name, "other-0.packed"])
    }

    @Test func whatIsPackedInNoTimeIsNotKept() async throws {
        try await settle(Self.golden + "tiny")
        _ = try load(cache: PackedCache(directory: place))
        _ = try LoadedModel.load(Self.golden + "tiny", precision: .float32, cache: cache)
        #expect(try names() == [])
    }

    /// The two newest of other models stay, and the draft of a start that goes on.
    @Test func oldFilesAreRemoved() async throws {
        try await settle(Self.golden + "tiny")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let now = time(nil)
        let files = [
            ("a-1.packed", 100), ("b-1.packed", 20), ("c-1.packed", 500), ("d-1.packed", 30), ("e-1.packed.draft", 40),
            ("f-1.packed.draft", 20), ("notes", 9000),
        ]
        for (name, age) in files {
            try Data("x".utf8).write(to: URL(filePath: "\(place)/\(name)"))
            var times = [timespec(tv_sec: now - age, tv_nsec: 0), timespec(tv_sec: now - age, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, "\(place)/\(name)", &times, 0) == 0)
        }
        // Another start writes this one.
        let writer = open("\(place)/e-1.packed.draft", O_WRONLY)
        defer { close(writer) }
        #expect(flock(writer, LOCK_EX | LOCK_NB) == 0)
        _ = try load(cache: cache)
        let left = Set(try names())
        #expect(left.isSuperset(of: ["b-1.packed", "d-1.packed", "e-1.packed.draft", "notes"]) && left.count == 5)
    }

    @Test func startsAtTheSameTimeLeaveOneFile() async throws {
        try await settle(Self.golden + "tiny")
        let packed = try load(cache: nil)
        let results = try await withThrowingTaskGroup(of: [[UInt8]].self) { group in
            for _ in 0..<6 { group.addTask { try load(cache: cache) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.allSatisfy { $0 == packed })
        #expect(try names().count == 1)
        #expect(try names().allSatisfy { $0.hasSuffix(".packed") })
        #expect(try load(cache: cache) == packed)
    }
}
