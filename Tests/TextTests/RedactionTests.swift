import Testing

@testable import Text

@Suite("Redaction")
struct RedactionTests {
    @Test(arguments: [
        ("rtsp://cam/1", "rtsp://cam/1"),
        ("open rtsp://admin:pw@cam:554/1 failed", "open rtsp://***@cam:554/1 failed"),
        ("'rtsp://admin:p@s/s#w?rd@cam/1'", "'rtsp://***@cam/1'"),
        ("rtsp://a:b@c rtsp://d:e@f", "rtsp://***@c rtsp://***@f"),
        ("rtsp://a:b@c,rtsp://d:e@f/1", "rtsp://***@f/1"),
        ("rtsp://user@cam", "rtsp://***@cam"),
        ("http://cam/s?user=admin&password=p&channel=1", "http://cam/s?user=admin&password=***&channel=1"),
        ("http://cam/s?x=1&API_KEY=abc_d-e&pwd=", "http://cam/s?x=1&API_KEY=***&pwd="),
        ("GET /s?access_token=abc HTTP/1.1", "GET /s?access_token=*** HTTP/1.1"),
        ("rtsp://cam/user=a_password=b_channel=1", "rtsp://cam/user=a_password=***"),
        ("Authorization: Basic YTpi\nCSeq: 2", "Authorization: ***\nCSeq: 2"),
        ("a\nauthorization:Digest x", "a\nauthorization:Digest x"),
        ("keyframe=12 author=me", "keyframe=12 author=me"),
        ("is it so? yes", "is it so? yes"),
        ("://", "://"), ("?", "?"), ("x://@", "x://@"), ("", ""),
    ])
    func rules(text: String, expected: String) {
        #expect(Redaction().redact(text) == expected)
    }

    @Test func knownSecrets() {
        var redaction = Redaction(secrets: ["hunter2", "hunter2-and-more", "ab", ""])
        #expect(redaction.redact("a hunter2-and-more b hunter2 ab") == "a *** b *** ab")
        redaction.add(["p%40ss"])
        #expect(redaction.redact("p%40ss") == "***")
    }
}
