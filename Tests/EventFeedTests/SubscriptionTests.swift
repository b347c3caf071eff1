import Events
import Foundation
import TestSupport
import Testing

@testable import EventFeed
@testable import Text

extension FeedTests {
    @Suite struct Subscribing {
        @Test func helloSaysWhoAndWhere() throws {
            let feed = try RunningFeed()
            let first = try feed.connect().hello
            #expect(first["protocol"]?.integer == 1)
            #expect(first["version"]?.string == "1.2.3")
            #expect(first["seq_first"]?.integer == 1)
            #expect(first["seq_last"]?.integer == 0)
            #expect(first["streams"]?.array == [.string("door"), .string("yard")])
            let bootID = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
            #expect(first["boot_id"]?.string == bootID.trimmingCharacters(in: .whitespacesAndNewlines))
            feed.hub.publish(.sample())
            feed.hub.setStreams(["gate"])
            let second = try feed.connect().hello
            #expect(second["seq_last"]?.integer == 1)
            #expect(second["streams"]?.array == [.string("gate")])
            #expect(second["feed_id"] == first["feed_id"])
        }

        @Test func withoutRequestLiveRecordsFromTheConnectionOn() throws {
            let feed = try RunningFeed()
            feed.hub.publish(.sample())
            var subscriber = try feed.connect()
            feed.hub.publish(.sample(.updated))
            feed.hub.publish(.health("yard", .offline))
            let lines = try subscriber.next(2)
            #expect(lines.map(\.seq) == [2, 3])
            #expect(lines.map(\.type) == ["event", "stream"])
        }

        @Test func filters() throws {
            let feed = try RunningFeed()
            var narrow = try feed.connect()
            _ = try narrow.subscribe(#"{"types":["event"],"streams":["do*"],"labels":["*fall*","x"]}"#)
            var health = try feed.connect()
            _ = try health.subscribe(#"{"types":["stream"],"labels":["nothing"]}"#)
            feed.hub.publish(.sample(stream: "yard", label: "fall"))
            feed.hub.publish(.sample(stream: "door", label: "parcel"))
            feed.hub.publish(.health("door"))
            feed.hub.publish(.sample(stream: "door", label: "a fall"))
            feed.hub.publish(.sample(stream: "dome", label: "x"))
            feed.hub.publish(.health("yard"))
            #expect(try narrow.next(2).map(\.seq) == [4, 5])
            #expect(try health.next(2).map(\.seq) == [3, 6])
        }

        @Test func snapshotThenReplayThenLive() throws {
            let feed = try RunningFeed()
            feed.hub.publish(.sample(.started, id: "a"))
            feed.hub.publish(.sample(.started, stream: "yard", id: "b"))
            feed.hub.publish(.sample(.updated, id: "a"))
            feed.hub.publish(.sample(.started, id: "c"))
            feed.hub.publish(.sample(.ended, id: "c"))
            feed.hub.publish(.health("door", .degraded))
            var subscriber = try feed.connect()
            let snapshot = try subscriber.subscribe(#"{"since":2}"#)
            #expect(snapshot.seq == 6)
            #expect(snapshot["open"]?.array?.map(\.seq) == [3, 2])
            #expect(snapshot["streams"]?.array?.map(\.seq) == [6])
            feed.hub.publish(.sample(.ended, id: "a"))
            #expect(try subscriber.next(5).map(\.seq) == [3, 4, 5, 6, 7])
            let narrowed = try subscriber.subscribe(#"{"streams":["yard"]}"#)
            #expect(narrowed["open"]?.array?.map(\.seq) == [2])
            #expect(narrowed["streams"]?.array == [])
        }

        @Test func whatRetentionDroppedIsAnnounced() throws {
            let feed = try RunningFeed(capacity: 10)
            for _ in 0..<25 { feed.hub.publish(.sample()) }
            var subscriber = try feed.connect()
            #expect(subscriber.hello["seq_first"]?.integer == 16)
            _ = try subscriber.subscribe(#"{"since":3}"#)
            let gap = try subscriber.next()
            #expect(gap.type == "gap")
            #expect(gap["from"]?.integer == 4)
            #expect(gap["to"]?.integer == 15)
            #expect(try subscriber.next(10).map(\.seq) == (16...25).map(Int64.init))
        }

        @Test func sinceBeyondTheEndIsRefused() throws {
            let feed = try RunningFeed()
            feed.hub.publish(.sample())
            var subscriber = try feed.connect()
            try subscriber.send(#"{"subscribe":{"since":2}}"#)
            let answer = try subscriber.next()
            #expect(answer.type == "error")
            #expect(answer["code"]?.string == "since_ahead")
            _ = try subscriber.subscribe(#"{"since":1}"#)
            feed.hub.publish(.sample())
            #expect(try subscriber.next().seq == 2)
        }

        @Test func scoresGoToThoseWhoAsk() throws {
            let feed = try RunningFeed()
            let scores = ScoresRecord(
                stream: "door",
                time: .utc(UTCTime(microseconds: 0)),
                reuse: "exact",
                entries: [ScoresRecord.Entry(label: "parcel", logit: 1, score: 0.5)]
            )
            #expect(!feed.hub.wantsScores)
            feed.hub.publishScores(scores)
            var plain = try feed.connect()
            do {
                var asking = try feed.connect()
                _ = try asking.subscribe(#"{"types":["scores"]}"#)
                #expect(feed.hub.wantsScores)
                feed.hub.publishScores(scores)
                #expect(try asking.next()["scores"]?["parcel"]?.number == 0.5)
            }
            try blockUntil("nobody wants scores") { !feed.hub.wantsScores }
            feed.hub.publish(.sample())
            #expect(try plain.next().type == "event")
        }

        @Test func badRequestsLeaveTheConnectionAlive() throws {
            let feed = try RunningFeed()
            var subscriber = try feed.connect()
            for request in ["what?", "{\"subscribe\":{\"stream\":[\"x\"]}}", "{\"hello\":1}", "\u{0}", "[[[["] {
                try subscriber.send(request)
                let answer = try subscriber.next()
                #expect(answer.type == "error")
                #expect(answer["code"]?.string == "bad_request")
            }
            try subscriber.send("  \r")
            feed.hub.publish(.sample())
            #expect(try subscriber.next().seq == 1)
        }

        @Test(arguments: [0, 1])
        func anOverlongLineEndsTheConnection(lineFeeds: Int) throws {
            let feed = try RunningFeed()
            var subscriber = try feed.connect()
            // The server may close before it has read it all.
            try? subscriber.send(String(repeating: "x", count: 65_537) + String(repeating: "\n", count: lineFeeds))
            let answer = try subscriber.next()
            #expect(answer["code"]?.string == "line_too_long")
            #expect(try subscriber.client.nextLine(timeout: patience) == .ended)
        }

        @Test func aLineOfTheFullLengthIsRead() throws {
            let feed = try RunningFeed()
            var subscriber = try feed.connect()
            let request = #"{"subscribe":{"since":0}}"#
            try subscriber.send(request + String(repeating: " ", count: 65_536 - request.utf8.count))
            #expect(try subscriber.next().type == "snapshot")
        }

        @Test func aHalfClosedClientGoesOnReading() throws {
            let feed = try RunningFeed()
            var subscriber = try feed.connect()
            _ = try subscriber.subscribe(#"{"labels":["parcel"]}"#)
            try subscriber.client.finishSending()
            for _ in 0..<3 { feed.hub.publish(.sample()) }
            #expect(try subscriber.next(3).map(\.seq) == [1, 2, 3])
            #expect(feed.server.statistics.subscribers == 1)
        }
    }
}
