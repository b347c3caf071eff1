import Capture
import ConfigurationText
import Foundation
import TestSupport
import Testing
import XCLIP

@testable import Models
@testable import Settings

/// The features of examples that a start leaves for the next.
@Suite struct ExampleCacheTests {
    private let directory: TemporaryDirectory
    private let model: XCLIPConfiguration
    private let stream: StreamConfiguration
    private var place: String { directory.path + "/examples" }
    /// Of one clip's file: the head and the checksum of `PackedFile`, two windows of floats.
    private var fileBytes: Int { 48 + 4 * 2 * model.embedding * (1 + model.patches) }

    init() throws {
        directory = try TemporaryDirectory()
        model = try XCLIPConfiguration(path: TinyDaemon.tree + "/Tests/XCLIPTests/Golden/tiny/config.json")
        stream = try #require(try TinyDaemon.configuration(TinyDaemon.door).streams.first)
    }

    private func made(_ number: Float) -> ExampleEncoder.Features {
        func window(_ first: Float) -> WindowFeatures {
            WindowFeatures(
                video: (0..<model.embedding).map { first + Float($0) },
                visual: (0..<model.embedding * model.patches).map { first - Float($0) }
            )
        }
        return ExampleEncoder.Features(shown: window(number), still: window(-number))
    }

    /// What a start has of a clip, and whether it had to make it.
    private func ask(
        _ clip: String,
        _ number: Float,
        model version: String = "v1",
        mostBytes: Int = 512 << 20
    ) throws -> (features: ExampleEncoder.Features, isMade: Bool) {
        let cache = ExampleCache(directory: place, modelVersion: version, mostBytes: mostBytes)
        let clip = ExampleClip(path: clip, digest: clip, place: .file(clip))
        var isMade = false
        let features = try cache.features(of: clip, on: stream, model: model) {
            isMade = true
            return made(number)
        }
        return (features, isMade)
    }

    private func names() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: place)) }

    private func setTime(_ name: String, _ seconds: Int) {
        var times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, "\(place)/\(name)", &times, 0) == 0)
    }

    @Test func theNextStartReadsWhatTheFirstMade() throws {
        for isFirst in [true, false] {
            let answer = try ask("a", 1)
            #expect(answer.features == made(1) && answer.isMade == isFirst)
        }
        // Another model, another clip.
        #expect(try ask("a", 2, model: "v2").features == made(2))
        #expect(try ask("b", 3).features == made(3))
        #expect(try names().count == 3)
        #expect(try ask("a", 4).features == made(1))
    }

    /// Each is made again and replaced.
    @Test func whatIsDamagedOrCouldBeAnothersIsNotTaken() throws {
        _ = try ask("a", 1)
        let path = "\(place)/\(try #require(try names().first))"
        let whole = try Data(contentsOf: URL(filePath: path))
        #expect(whole.count == fileBytes)
        for position in [0, 20, 44, 48, whole.count - 1] {
            var damaged = whole
            damaged[position] ^= 1
            try damaged.write(to: URL(filePath: path))
            #expect(try ask("a", 1).isMade, "\(position)")
            #expect(try Data(contentsOf: URL(filePath: path)) == whole)
        }
        try whole.dropLast(4).write(to: URL(filePath: path))
        #expect(try ask("a", 1).isMade)
        #expect(chmod(path, 0o622) == 0)
        #expect(try ask("a", 1).isMade)
        #expect(try !ask("a", 1).isMade && names().count == 1)
    }

    @Test func whatWasUsedLongestAgoIsRemoved() throws {
        let limit = 2 * fileBytes + fileBytes / 2
        var files: [String] = []
        for (index, clip) in ["a", "b"].enumerated() {
            let before = try index == 0 ? [] : names()
            _ = try ask(clip, 1, mostBytes: limit)
            let name = try #require(try names().subtracting(before).first)
            files.append(name)
            setTime(name, 1 + index)
        }
        for name in ["c.features.draft", "d.safetensors", "e.safetensors.draft", "notes"] {
            try directory.write("x", to: "examples/" + name)
        }
        // To read the older one makes the other one the older.
        #expect(try !ask("a", 1, mostBytes: limit).isMade)
        #expect(try names().count == 6)
        _ = try ask("f", 1, mostBytes: limit)
        let left = try names()
        #expect(left.count == 3 && left.contains("notes") && left.contains(files[0]) && !left.contains(files[1]))
        // What is asked for stays beyond the limit.
        let cache = ExampleCache(directory: place, modelVersion: "v1", mostBytes: 1)
        for clip in ["a", "b", "f"] {
            let clip = ExampleClip(path: clip, digest: clip, place: .file(clip))
            _ = try cache.features(of: clip, on: stream, model: model) { made(1) }
        }
        #expect(try names().count == 4)
    }

    @Test func whereNothingCanBeWrittenTheFeaturesAreMade() throws {
        try directory.write("no directory", to: "examples")
        for number in [1, 2] as [Float] {
            let answer = try ask("a", number)
            #expect(answer.features == made(number) && answer.isMade)
        }
    }
}
