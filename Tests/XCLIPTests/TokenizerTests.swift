import Foundation
import TestSupport
import Testing

@testable import XCLIP

@Suite struct TokenizerTests {
    struct Cases: Decodable {
        struct Case: Decodable {
            let text: String
            let ids: [Int32]
        }
        let cases: [Case]
        let normalized: [Case]
    }

    static let cases = try? JSONDecoder().decode(
        Cases.self,
        from: Data(contentsOf: URL(fileURLWithPath: Golden.directory + "/tokenizer_cases.json"))
    )

    private func check(_ tokenizer: Tokenizer, _ cases: [Cases.Case]) {
        var wrong = 0
        for item in cases where tokenizer.encode(item.text) != item.ids {
            wrong += 1
            if wrong <= 10 {
                Issue.record("\(item.text.debugDescription): \(tokenizer.encode(item.text)) ≠ \(item.ids)")
            }
        }
        #expect(wrong == 0, "of \(cases.count)")
    }

    @Test func equalsTransformersOnEveryString() throws {
        let cases = try #require(Self.cases).cases
        #expect(cases.count >= 2000)
        check(try Tokenizer(directory: Golden.tiny), cases)
        try withFolder(["vocab.json", "merges.txt"].map { "tiny/" + $0 }) { check(try Tokenizer(directory: $0), cases) }
    }

    @Test func specialTokensAreMatchedAfterNormalisationAsPublished() throws {
        let cases = try #require(Self.cases).normalized
        try withFolder(["tiny-normalized/tokenizer.json"]) { check(try Tokenizer(directory: $0), cases) }
    }

    /// A folder with these golden files, which is deleted when `body` returns.
    private func withFolder(_ files: [String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ww-tokens-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in files {
            try copyContents(
                of: "\(Golden.directory)/\(file)",
                to: "\(folder.path)/\((file as NSString).lastPathComponent)"
            )
        }
        try body(folder.path)
    }

    @Test func truncatedTextKeepsItsEndToken() throws {
        let tokenizer = try Tokenizer(directory: Golden.tiny)
        let tokens = tokenizer.encode(String(repeating: "a person falls ", count: 200))
        #expect(tokens.count == 77)
        #expect(tokens.last == tokenizer.encode("").last)
    }

    @Test func aCutTextShowsWhereItIsCut() throws {
        let tokenizer = try Tokenizer(directory: Golden.tiny)
        let text = String(repeating: "a person falls ", count: 40)
        let cut = try #require(tokenizer.cut(text, limit: 77))
        let (read, whole) = (tokenizer.encode(String(cut)), tokenizer.encode(text, limit: 1000))
        #expect(whole.starts(with: read.dropLast()) && read.count <= 77 && text.hasPrefix(cut))
        let next = text.dropFirst(cut.count + 1).prefix { !$0.isWhitespace }
        #expect(tokenizer.encode("\(cut) \(next)", limit: 1000).count > 77)
        #expect(tokenizer.cut("a person falls", limit: 77) == nil)
    }
}
