import Foundation
import Logging
import Recognition
import Systemd
import Testing
import TestSupport

@testable import Daemon
@testable import Models
@testable import Settings
@testable import Text
import XCLIP

/// A model whose files change under a running daemon: the texts of a new stream would come from another model.
@Suite struct ChangedModelTests {
    private func withModel(_ body: (_ model: String) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let model = directory.path + "/model"
        try copyContents(of: TinyDaemon.tree + "/Tests/XCLIPTests/Golden/tiny", to: model)
        try await body(model)
    }

    /// Overwrites a byte in place: the path, the inode and the size stay.
    private func change(_ path: String) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let end = try file.seekToEnd()
        try file.seek(toOffset: end - 2)
        let bytes = try file.read(upToCount: 2) ?? Data()
        try file.seek(toOffset: end - 2)
        try file.write(contentsOf: bytes.map { $0 ^ 1 })
        try file.close()
        // A clock of whole seconds, on some file systems, would hide a change made within the same one.
        var times = [timespec(tv_sec: 2_000_000_000, tv_nsec: 0), timespec(tv_sec: 2_000_000_000, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    }

    @Test(arguments: [
        "config.json", "preprocessor_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    ])
    func noTextIsEncodedAfterAChange(name: String) async throws {
        try await withModel { model in
            let loaded = try LoadedModel.load(model, precision: .auto)
            #expect(try loaded.embeddings(of: [["a dog"]], threads: 1).count == 1)
            try change("\(model)/\(name)")
            let error = #expect(throws: OperationError.self) { _ = try loaded.embeddings(of: [["a dog"]], threads: 1) }
            let words = "\(model)/\(name) has changed since the model was loaded from it; that needs a restart"
            #expect(error?.message == words)
        }
    }

    @Test func aFileThatIsReplacedComesOrGoesIsAChange() async throws {
        try await withModel { model in
            let loaded = try LoadedModel.load(model, precision: .auto)
            try loaded.check(isStill: model)
            // The model's defaults and what it says of itself are no part of it.
            try Data("{}".utf8).write(to: URL(filePath: model + "/watchword.json"))
            try Data("x".utf8).write(to: URL(filePath: model + "/README.md"))
            try loaded.check(isStill: model)
            try Data("x".utf8).write(to: URL(filePath: model + "/pytorch_model.bin"))
            #expect(throws: OperationError.self) { try loaded.check(isStill: model) }
            try FileManager.default.removeItem(atPath: model + "/pytorch_model.bin")
            try loaded.check(isStill: model)
            // A text is split by these as well.
            for name in ["special_tokens_map.json", "added_tokens.json"] {
                try Data("{}".utf8).write(to: URL(filePath: "\(model)/\(name)"))
                #expect(throws: OperationError.self) { try loaded.check(isStill: model) }
                try FileManager.default.removeItem(atPath: "\(model)/\(name)")
                try loaded.check(isStill: model)
            }
            // The same bytes as another file.
            let data = try Data(contentsOf: URL(filePath: model + "/model.safetensors"))
            try data.write(to: URL(filePath: model + "/model.safetensors"), options: .atomic)
            #expect(throws: OperationError.self) { try loaded.check(isStill: model) }
            try FileManager.default.removeItem(atPath: model + "/model.safetensors")
            #expect(throws: OperationError.self) { try loaded.check(isStill: model) }
        }
    }

    /// The weights were copied, so what runs needs the files no more.
    @Test func theFilesMayShrinkUnderARunningDaemon() async throws {
        try await withModel { model in
            let daemon = try TinyDaemon(try TinyDaemon.configuration(TinyDaemon.door, model: model))
            try daemon.pipeline.start()
            defer { daemon.pipeline.stop() }
            let stream = try #require(daemon.pipeline.current.first).stream
            try await eventually("decisions") { stream.statistics.decisions > 5 }
            for name in ["config.json", "model.safetensors", "tokenizer.json"] {
                #expect(truncate("\(model)/\(name)", 0) == 0)
            }
            let before = stream.statistics.decisions
            try await eventually("decisions after it") { stream.statistics.decisions > before + 5 }
            #expect(throws: OperationError.self) { try daemon.pipeline.checkModel(isStill: model) }
        }
    }

    @Test func aReloadAgainstChangedFilesChangesNothing() async throws {
        try await withModel { model in
            let configuration = try TinyDaemon.configuration(TinyDaemon.door, model: model)
            let daemon = try TinyDaemon(configuration)
            try daemon.pipeline.start()
            defer { daemon.pipeline.stop() }
            try change("\(model)/model.safetensors")
            let next = try TinyDaemon.configuration(
                TinyDaemon.door + TinyDaemon.door.replacing("door", with: "gate"),
                model: model
            )
            #expect(throws: OperationError.self) { try daemon.pipeline.reload(next.streams) }
            #expect(daemon.pipeline.current.map(\.configuration.name) == ["door"])
            // Even one that changes no stream says so: whoever put another model there expects it to run.
            let reload = ConfigurationReload(
                load: { configuration },
                initial: configuration,
                pipeline: daemon.pipeline,
                mqtt: nil,
                webhooks: (daemon.webhooks, daemon.hub),
                status: daemon.status,
                notifier: ServiceNotifier(),
                sink: daemon.sink,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            _ = await reload.take(over: configuration)
            #expect(daemon.status.reload?.isGood == false)
            #expect(daemon.status.reload?.message.contains("model.safetensors has changed since") == true)
        }
    }

    @Test func aModelThatNeedsMoreMemoryThanThereIsSaysSo() throws {
        let configuration = try XCLIPConfiguration(path: TinyDaemon.tree + "/Tests/XCLIPTests/Golden/tiny/config.json")
        let huge = ModelMemory(configuration, weightBytes: 1 << 30, .float32)
        try huge.check(model: "tiny")
        var wide = configuration
        wide.vocabulary = 1 << 24
        wide.text.width = 1 << 20
        let error = #expect(throws: OperationError.self) {
            try ModelMemory(wide, weightBytes: .max, .float32).check(model: "wide")
        }
        #expect(error?.message.contains("the model wide needs about") == true, "\(String(describing: error))")
    }
}
