import Testing

@testable import EventFeed
@testable import Text

@Suite struct FeedRequestTests {
    @Test func readsAllKeys() throws {
        let line = #"{"subscribe":{"types":["event","scores"],"streams":["door*"],"labels":["*fall*"],"since":1000}}"#
        var expected = Subscription()
        expected.types = [.event, .scores]
        expected.streams = [Glob("door*")]
        expected.labels = [Glob("*fall*")]
        expected.since = 1000
        #expect(try FeedRequest(parsing: line.utf8) == .subscribe(expected))
        #expect(try FeedRequest(parsing: #"{"subscribe":{}}"#.utf8) == .subscribe(.everythingLive))
        #expect(try FeedRequest(parsing: #"{"status":{}}"#.utf8) == .status)
    }

    /// A client's requests are those that the server reads.
    @Test func writesWhatItReads() throws {
        let requests: [(FeedRequest, String)] = [
            (.status, #"{"status":{}}"#),
            (
                .subscribe(Subscription(types: [.stream, .event], since: 7)),
                #"{"subscribe":{"types":["event","stream"],"since":7}}"#
            ),
            (
                .subscribe(
                    Subscription(
                        types: Set(Subscription.RecordType.allCases),
                        streams: [Glob("d*"), Glob("?ard")],
                        labels: [Glob("a \"dog\"")],
                        since: 0
                    )
                ),
                #"{"subscribe":{"types":["event","stream","journal","scores"],"streams":["d*","?ard"],"#
                    + #""labels":["a \"dog\""],"since":0}}"#
            ),
        ]
        for (request, line) in requests {
            #expect(request.line.text == line)
            #expect(try FeedRequest(parsing: line.utf8) == request)
        }
    }

    @Test(arguments: [
        (#"{"subscribe":{"type":["event"]}}"#, #""type""#),
        (#"{"subscribe":{},"unsubscribe":{}}"#, #""unsubscribe""#),
        (#"{"subscribe":{},"status":{}}"#, "one request"),
        (#"{"status":true}"#, "empty object"),
        (#"{"status":{"streams":["door"]}}"#, "empty object"),
        (#"{"subscribe":{"types":["events"]}}"#, #""events""#),
        (#"{"subscribe":{"types":[]}}"#, #""types""#),
        (#"{"subscribe":{"types":"event"}}"#, #""types""#),
        (#"{"subscribe":{"streams":[1]}}"#, #""streams""#),
        (#"{"subscribe":{"streams":[]}}"#, #""streams""#),
        (#"{"subscribe":{"since":-1}}"#, #""since""#),
        (#"{"subscribe":{"since":1.5}}"#, #""since""#),
        (#"{"subscribe":{"since":"1"}}"#, #""since""#),
        (#"{"subscribe":[]}"#, "object"),
        ("[]", "object"),
        ("{}", "subscribe"),
        ("hello", "JSON"),
        ("{\"subscribe\":{\"labels\":[\"\(String(repeating: "*", count: 257))\"]}}", "256"),
    ])
    func refusesByName(line: String, named: String) throws {
        let refusal = #expect(throws: FeedRequest.Refusal.self) { try FeedRequest(parsing: line.utf8) }
        #expect(refusal?.message.contains(named) == true)
    }
}
