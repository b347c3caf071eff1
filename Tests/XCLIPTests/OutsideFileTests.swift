import CAllocationCount
import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import XCLIP

/// The small files of a checkpoint, where they are something else or far too large.
@Suite(.serialized) struct OutsideFileTests {
    private func withCopy<R>(_ body: (String) throws -> R) throws -> R {
        let copy = FileManager.default.temporaryDirectory.path + "/ww-outside-\(UUID().uuidString)"
        try copyContents(of: Golden.tiny, to: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        return try body(copy)
    }

    private func expectRefusal(_ directory: String, _ words: String, _ code: CheckpointError.Code) {
        let error = #expect(throws: CheckpointError.self) {
            _ = try XCLIPModel(directory: directory)
            _ = try TextEncoder(directory: directory)
        }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
        #expect(error?.code == code)
    }

    @Test(arguments: ["config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"])
    func aPipeOrADirectoryIsSaidToBeOne(name: String) throws {
        try withCopy { directory in
            let path = "\(directory)/\(name)"
            try FileManager.default.removeItem(atPath: path)
            try #require(mkfifo(path, 0o600) == 0)
            expectRefusal(directory, "\(path): is not a regular file", .unreadable)
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            expectRefusal(directory, "\(path): is a directory; name the file in it", .unreadable)
        }
    }

    @Test func mergesThatAreAPipe() throws {
        try withCopy { directory in
            try FileManager.default.removeItem(atPath: directory + "/tokenizer.json")
            try FileManager.default.removeItem(atPath: directory + "/merges.txt")
            try #require(mkfifo(directory + "/merges.txt", 0o600) == 0)
            expectRefusal(directory, "merges.txt: is not a regular file", .unreadable)
        }
    }

    /// A file that is there must not be called missing.
    @Test func aFullTableOfDescriptorsIsSaidToBeOne() async {
        await #expect(processExitsWith: .success) {
            // Loads the code that the look needs.
            _ = try XCLIPConfiguration(path: Golden.tiny + "/config.json")
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            limit.rlim_cur = 0
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let error = #expect(throws: CheckpointError.self) {
                _ = try XCLIPConfiguration(path: Golden.tiny + "/config.json")
            }
            #expect(error?.message == "cannot be read: Too many open files; raise the limit of open files")
        }
    }

    /// They took 17 s and 3 GB.
    @Test func aMillionAddedTokensAreRefusedAtOnce() throws {
        try withCopy { directory in
            var text = "{\"added_tokens\":["
            for index in 0..<1_000_000 { text += "{\"id\":\(index),\"content\":\"a\"}," }
            try Data((text + "{}],\"model\":{}}").utf8).write(to: URL(filePath: directory + "/tokenizer.json"))
            let before = allocated_bytes_of_thread()
            expectRefusal(directory, "tokenizer.json: holds more values", .unsupported)
            #expect(allocated_bytes_of_thread() - before < 256 << 20)
            let few = (0..<5000).map { "{\"id\":\($0),\"content\":\"a\($0)\"}" }.joined(separator: ",")
            let model = "{\"vocab\":{},\"merges\":[]}"
            try Data("{\"added_tokens\":[\(few)],\"model\":\(model)}".utf8)
                .write(to: URL(filePath: directory + "/tokenizer.json"))
            expectRefusal(directory, "added_tokens must be at most 4096 tokens", .malformed)
            try Data(count: 33 << 20).write(to: URL(filePath: directory + "/tokenizer.json"))
            expectRefusal(directory, "tokenizer.json: is larger than 32 MiB", .malformed)
        }
    }

    /// The largest tokenizer that X-CLIP's come with: CLIP's 49 408 tokens and 48 894 merges, written as pairs.
    @Test func aTokenizerOfClipsSizeIsRead() throws {
        try withCopy { directory in
            // The merges are the vocabulary's own: every token after the bytes is one.
            let symbols = BytePairEncoder.byteSymbols.prefix(221).map { String($0) }
            var vocabulary: [String: Int] = [Tokenizer.startText: 49_406, Tokenizer.endText: 49_407]
            for symbol in symbols { vocabulary[symbol] = vocabulary.count }
            var merges: [[String]] = []
            pairs: for left in symbols {
                for right in symbols {
                    guard merges.count < 48_840 else { break pairs }
                    merges.append([left, right])
                    vocabulary[left + right] = vocabulary.count
                }
            }
            let path = URL(filePath: directory + "/tokenizer.json")
            var file = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any])
            var model = try #require(file["model"] as? [String: Any])
            (model["vocab"], model["merges"]) = (vocabulary, merges)
            (file["model"], file["post_processor"]) = (model, nil)
            try JSONSerialization.data(withJSONObject: file, options: .prettyPrinted).write(to: path)
            #expect(try Tokenizer(directory: directory).vocabularySize > 49_000)
        }
    }
}
