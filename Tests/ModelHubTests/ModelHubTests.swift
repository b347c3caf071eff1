import Foundation
import Testing

@testable import ModelHub

@Suite struct ModelNameTests {
    @Test func aPublishedModelNeedsNoOwner() {
        #expect(ModelName("xclip-base-patch32")?.repository == "microsoft/xclip-base-patch32")
        #expect(ModelName("xclip-base-patch32@main") == ModelName("microsoft/xclip-base-patch32"))
    }

    @Test func aRevisionIsPartOfTheName() throws {
        let name = try #require(ModelName("a/b.c_d-1@refs/pr/3"))
        #expect(name.repository == "a/b.c_d-1" && name.revision == "refs/pr/3" && name.shortName == "b.c_d-1")
        #expect(name.description == "a/b.c_d-1@refs/pr/3")
    }

    @Test(arguments: [
        "", "a", "a/", "/b", "a/b/c", "./b", "../b", "a/..", "a/b@", "a/b@..", "a/b@x/../y", "a/b@x//y", "a/b c", "~/b",
        "a--b/c", "a/b.", "ä/b", "a/b@.x", "/srv/models/x",
    ])
    func pathsAndOthersAreNoNames(text: String) { #expect(ModelName(text) == nil) }

    @Test func thePublishedModelsAreDistinctAndNameable() {
        let names = PublishedModel.all.compactMap { ModelName($0.repository) }
        #expect(names.count == PublishedModel.all.count && Set(names).count == names.count)
        #expect(PublishedModel.all.allSatisfy { !$0.figures.isEmpty && [8, 16, 32].contains($0.frames) })
    }
}

@Suite struct HubSettingsTests {
    /// As huggingface_hub's constants.py resolves them.
    @Test(arguments: [
        (["HOME": "/h"], "/h/.cache/huggingface/hub"),
        (["HOME": "/h", "XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
        (["HOME": "/h", "XDG_CACHE_HOME": "/x", "HF_HOME": "~/hf"], "/h/hf/hub"),
        (["HOME": "/h", "HF_HOME": "/hf", "HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
        (["HOME": "/h", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "/new"], "/new"),
        (["HOME": "/h", "HF_HUB_CACHE": ""], "/h/.cache/huggingface/hub"),
    ])
    func theCacheIsTheirs(environment: [String: String], path: String) throws {
        #expect(try HubSettings(environment: environment).cache == path)
    }

    @Test(arguments: ["ftp://a", "huggingface.co", "https://", "https://a?b=c"])
    func anEndpointIsAURL(text: String) {
        #expect(throws: ModelHubError.self) { try HubSettings(environment: ["HF_ENDPOINT": text]) }
    }

    @Test func noPasswordAndNoTokenIsTold() throws {
        let environment = ["HF_ENDPOINT": "https://user:canary@mirror.example/hf/", "HF_TOKEN": "canary"]
        let settings = try HubSettings(environment: environment)
        #expect(settings.endpoint == "https://user:canary@mirror.example/hf")
        #expect(settings.place == "https://mirror.example/hf")
        var dumped = "\(settings.token as Any) \(String(reflecting: settings.token))"
        dump(settings.token, to: &dumped)
        #expect(!dumped.contains("canary"), "\(dumped)")
        #expect(settings.token?.secret == "canary")
    }
}

@Suite struct FileDigestTests {
    /// By `sha256sum` and `git hash-object`.
    @Test func itIsWhatTheToolsSay() throws {
        let path = NSTemporaryDirectory() + "/digest-\(getpid())"
        try Data("hello\n".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
        let blob = "ce013625030ba8dba906f756967f9e9ca394464a"
        for tag in [sha256, sha256.uppercased(), blob] {
            let digest = try #require(FileDigest(tag: tag))
            #expect(try digest.matches(file: path), "\(tag)")
        }
        for tag in [String(sha256.reversed()), String(blob.reversed())] {
            let digest = try #require(FileDigest(tag: tag))
            #expect(try !digest.matches(file: path), "\(tag)")
        }
        // A mirror's own tag says nothing of the contents.
        #expect(FileDigest(tag: "5d41402abc4b2a76b9719d911017c592") == nil)
        #expect(FileDigest(tag: String(repeating: "g", count: 64)) == nil)
    }
}

@Suite struct ModelStoreTests {
    private static let commit = String(repeating: "a", count: 40)

    private func withStore(_ body: (ModelStore, ModelName, String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "/store-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let name = try #require(ModelName("org/model"))
        let snapshot = "\(path)/models--org--model/snapshots/\(Self.commit)"
        try FileManager.default.createDirectory(atPath: snapshot, withIntermediateDirectories: true)
        let references = "\(path)/models--org--model/refs"
        try FileManager.default.createDirectory(atPath: references, withIntermediateDirectories: true)
        try Data((Self.commit + "\n").utf8).write(to: URL(fileURLWithPath: references + "/main"))
        try body(ModelStore(path: path), name, snapshot)
    }

    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// Other programs fetch the files that they need, one by one.
    @Test func aModelIsThereWhenAllOfItIs() throws {
        try withStore { store, name, snapshot in
            for file in ["config.json", "processor_config.json", "vocab.json", "pytorch_model.bin.index.json"] {
                #expect(store.directory(of: name) == nil)
                try write(#"{"weight_map": {"x": "one.bin", "y": "two.bin"}}"#, "\(snapshot)/\(file)")
            }
            for file in ["merges.txt", "one.bin", "two.bin"] {
                #expect(store.directory(of: name) == nil, "without \(file)")
                try write("", "\(snapshot)/\(file)")
            }
            #expect(store.directory(of: name) == snapshot)
            #expect(ModelName("org/model@\(Self.commit)").flatMap(store.directory) == snapshot)
            #expect(ModelName("org/model@other").flatMap(store.directory) == nil)
        }
    }

    @Test(arguments: ["../../../etc", "", "main", "\u{0}"])
    func aReferenceIsACommitOrNothing(text: String) throws {
        try withStore { store, name, _ in
            try write(text, "\(store.path)/models--org--model/refs/main")
            #expect(store.directory(of: name) == nil)
        }
    }

    @Test func theServicesDirectoryIsLookedAtToo() {
        let paths = ModelStore.all(environment: ["HOME": "/h"]).map(\.path)
        #expect(paths == ["/h/.cache/huggingface/hub", "/var/lib/watchword/models"])
        let service = ModelStore.all(environment: ["HOME": "/h", "STATE_DIRECTORY": "/s"]).map(\.path)
        #expect(service.last == "/s/models")
    }
}
