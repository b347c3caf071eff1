import Testing

@testable import EventFeed

@Suite struct GlobTests {
    @Test(arguments: [
        ("door*", "door"), ("door*", "door_2"), ("*", ""), ("*", "x"), ("*fall*", "a fall down"), ("*fall*", "fall"),
        ("d?or", "door"), ("?", "é"), ("a*b*c", "a1b2b3c"), ("**", "abc"), ("", ""), ("*ab", "aab"), ("[x]", "[x]"),
    ])
    func fits(pattern: String, text: String) {
        #expect(Glob(pattern).matches(text))
    }

    @Test(arguments: [
        ("door", "door2"), ("door", "doo"), ("?", ""), ("?", "ab"), ("a*b", "abc"), ("Door", "door"), ("", "x"),
        ("*a", "b"),
    ])
    func doesNotFit(pattern: String, text: String) {
        #expect(!Glob(pattern).matches(text))
    }

    @Test func manyStarsAreQuick() {
        let pattern = String(repeating: "*a", count: 100) + "b"
        #expect(!Glob(pattern).matches(String(repeating: "a", count: 1000)))
    }
}
