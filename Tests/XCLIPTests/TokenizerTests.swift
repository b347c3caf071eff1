import Foundation
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
        check(try Tokenizer(tokenizerJSON: Golden.tiny + "/tokenizer.json"), cases)
        check(try Tokenizer(vocabulary: Golden.tiny + "/vocab.json", merges: Golden.tiny + "/merges.txt"), cases)
    }

    @Test func specialTokensAreMatchedAfterNormalisationAsPublished() throws {
        check(
            try Tokenizer(tokenizerJSON: Golden.directory + "/tiny-normalized/tokenizer.json"),
            try #require(Self.cases).normalized
        )
    }

    @Test func truncatedTextKeepsItsEndToken() throws {
        let tokenizer = try Tokenizer(directory: Golden.tiny)
        let tokens = tokenizer.encode(String(repeating: "a person falls ", count: 200))
        #expect(tokens.count == 77)
        #expect(tokens.last == tokenizer.encode("").last)
    }
}
