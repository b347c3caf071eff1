import Testing

@testable import Text

/// The values of ftfy 6.3.1: `fix_text(html.unescape(html.unescape(text)))`, without what it does to broken encodings.
@Suite struct PlainTextTests {
    @Test(arguments: [
        ("they’re here", "they're here"), ("a “red” car", "a \"red\" car"), ("the ﬁrst ﬂoor", "the first floor"),
        ("３Ｄ　ｐrinter！", "3D printer!"), ("cats &amp; dogs", "cats & dogs"), ("a &amp;quot;b&amp;quot;", "a \"b\""),
        ("&lt;b&gt; &#39;x&#x27;", "<b> 'x'"), ("rock ‘n’ roll", "rock 'n' roll"),
    ])
    func typographyHasAPlainForm(text: String, plain: String) {
        #expect(PlainText.of(text) == plain)
    }

    @Test(arguments: ["a person falls", "café", "a — b", "naïve", "AT&T; &c.", "日本", "&unknown;", "½"])
    func plainTextStays(text: String) {
        #expect(PlainText.of(text) == nil)
    }
}
