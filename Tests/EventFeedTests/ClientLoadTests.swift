import Foundation
import Synchronization
import TestSupport
import Testing

@testable import EventFeed
@testable import System
@testable import Text

extension FeedTests {
    @Suite struct Load {
        /// Records come as fast as they can be made while clients leave in the middle and come back by `seq`.
        @Test func nothingMissingOrDoubledAcrossTheJoin() throws {
            let total = 20_000 as UInt64
            var limits = FeedLimits()
            limits.farewell = patience
            let feed = try RunningFeed(capacity: Int(total), limits: limits)
            let problems = Mutex<[String]>([])
            let publisher = try NamedThread.start("publisher") { [hub = feed.hub] in
                for _ in 0..<total { hub.publish(.sample()) }
            }.get()
            let readers = try (0..<4 as Range<UInt64>).map { reader in
                try NamedThread.start("reader") {
                    do {
                        try Self.readAll(total, at: feed.directory.socket, leavingEvery: 700 + 997 * reader)
                    } catch {
                        problems.withLock { $0.append("reader \(reader): \(error)") }
                    }
                }.get()
            }
            publisher.join()
            for reader in readers { reader.join() }
            #expect(problems.withLock(\.self) == [])
        }

        private struct Broken: Error {
            var what: String
        }

        /// Reads records 1 to `total`, each exactly once and in order, over as many connections as it takes.
        private static func readAll(_ total: UInt64, at path: String, leavingEvery count: UInt64) throws {
            var last: UInt64 = 0
            while last < total {
                var client = try LineSocket(connectingTo: path)
                try client.send(#"{"subscribe":{"since":\#(last)}}"#)
                var isSubscribed = false
                let leaveAt = last + count
                reading: while last < min(total, leaveAt) {
                    guard case .line(let line) = try client.nextLine(timeout: patience) else {
                        throw Broken(what: "no line after \(last)")
                    }
                    if line.hasPrefix(#"{"type":"snapshot""#) {
                        isSubscribed = true
                    } else if line.hasPrefix(#"{"type":"error","code":"too_slow""#) {
                        break reading
                    } else if isSubscribed {
                        let seq = line.split(separator: ",")[1].split(separator: ":").last.flatMap { UInt64($0) }
                        guard seq == last + 1 else { throw Broken(what: "after \(last) comes \(line)") }
                        last += 1
                    }
                }
            }
        }

        @Test func aSlowClientIsCutOffAndTheOthersGoOn() throws {
            var limits = FeedLimits()
            limits.maxBufferedBytes = 256 * 1024
            limits.farewell = patience
            let feed = try RunningFeed(limits: limits)
            var slow = try feed.connect()
            var quick = try feed.connect()
            let text = String(repeating: "long ", count: 200)
            var seq: Int64 = 0
            while feed.server.statistics.cutOff == 0 {
                try #require(seq < 5000)
                feed.hub.publish(.sample(text: text))
                seq += 1
                #expect(try quick.next().seq == seq)
            }
            // What the slow one can still read are whole lines in order, then the reason with the place to resume.
            var last: Int64 = 0
            var reason: JSONValue?
            while case .line(let text) = try slow.client.nextLine(timeout: patience) {
                let line = try JSONValue(parsing: text)
                if line.type == "error" {
                    reason = line
                } else {
                    #expect(line.seq == last + 1)
                    last = line.seq ?? 0
                }
            }
            #expect(reason?["code"]?.string == "too_slow")
            #expect(reason?.seq == last)
            feed.hub.publish(.sample())
            #expect(try quick.next().seq == seq + 1)
            var resumed = try feed.connect()
            _ = try resumed.subscribe(#"{"since":\#(last)}"#)
            #expect(try resumed.next().seq == last + 1)
            try blockUntil("the slow one is gone") { feed.server.statistics.subscribers == 2 }
            #expect(feed.server.statistics.cutOff == 1)
        }

        /// A replay much larger than the buffer goes out as the client takes it.
        @Test func aLargeReplayOverflowsNothing() throws {
            var limits = FeedLimits()
            limits.maxBufferedBytes = 64 * 1024
            let feed = try RunningFeed(limits: limits)
            for _ in 0..<5000 { feed.hub.publish(.sample()) }
            var subscriber = try feed.connect()
            _ = try subscriber.subscribe(#"{"since":0}"#)
            #expect(try subscriber.next(5000).map(\.seq) == (1...5000).map(Int64.init))
            #expect(feed.server.statistics.cutOff == 0)
        }

        /// A replay that nobody takes ends as well, once the feed has gone on by a buffer's worth.
        @Test func aReplayThatStandsStillIsCutOff() throws {
            var limits = FeedLimits()
            limits.maxBufferedBytes = 256 * 1024
            let feed = try RunningFeed(limits: limits)
            let text = String(repeating: "long ", count: 200)
            for _ in 0..<2000 { feed.hub.publish(.sample(text: text)) }
            let subscriber = try feed.connect()
            try subscriber.send(#"{"subscribe":{"since":0}}"#)
            try blockUntil("cut off") {
                feed.hub.publish(.sample(text: text))
                return feed.server.statistics.cutOff == 1
            }
            _ = consume subscriber
        }

        @Test func requestsWithoutReadingAreBounded() throws {
            var limits = FeedLimits()
            limits.maxBufferedBytes = 256 * 1024
            limits.farewell = .milliseconds(100)
            let feed = try RunningFeed(limits: limits)
            for id in 0..<200 { feed.hub.publish(.sample(id: "\(id)")) }
            let flood = try feed.connect()
            let isOver = Atomic(false)
            let reader = try NamedThread.start("others") { [hub = feed.hub] in
                while !isOver.load(ordering: .acquiring) {
                    hub.publish(.sample())
                    usleep(1000)
                }
            }.get()
            defer {
                isOver.store(true, ordering: .releasing)
                reader.join()
            }
            // The flood's own sends block once the server stops reading; it is cut off while records go on.
            #expect(throws: FeedError.self) {
                while true { try flood.send(#"{"subscribe":{}}"#) }
            }
            try blockUntil("the flood is gone") { feed.server.statistics.subscribers == 0 }
        }

        @Test func tooManyClientsAreTurnedAway() throws {
            var limits = FeedLimits()
            limits.maxClients = 2
            let feed = try RunningFeed(limits: limits)
            let one = try feed.connect()
            let two = try feed.connect()
            var three = try LineSocket(connectingTo: feed.directory.socket)
            guard case .line(let line) = try three.nextLine(timeout: patience) else {
                Issue.record("no line")
                return
            }
            #expect(try JSONValue(parsing: line)["code"]?.string == "too_many_clients")
            #expect(try three.nextLine(timeout: patience) == .ended)
            #expect(feed.server.statistics.refused == 1)
            _ = consume one
            try blockUntil("room again") { feed.server.statistics.subscribers == 1 }
            _ = try feed.connect()
            _ = consume two
        }

        /// A broker and the webhooks are clients as well: other programs must not keep the feed from them.
        @Test func thoseOfThisProcessAreLetInAllTheSame() throws {
            var limits = FeedLimits()
            limits.maxClients = 1
            let feed = try RunningFeed(limits: limits)
            let other = try feed.connect()
            let own = try feed.server.connect()
            guard case .message(.hello, _) = try own.next(within: patience) else {
                Issue.record("no greeting")
                return
            }
            #expect(feed.server.statistics.subscribers == 2)
            #expect(feed.server.statistics.refused == 0)
            _ = consume other
        }

        @Test func comingAndGoingLeavesNothingOpen() throws {
            let feed = try RunningFeed()
            #expect(try openSocketCount(of: feed.directory.socket) == 1)
            for round in 0..<200 {
                let client = try LineSocket(connectingTo: feed.directory.socket)
                if round % 3 == 0 { try client.send(#"{"subscribe":{"since":0,"types":["scores"]}}"#) }
                if round % 5 == 0 { feed.hub.publish(.sample()) }
            }
            try blockUntil("all are gone") {
                feed.server.statistics.accepted == 200 && feed.server.statistics.subscribers == 0
            }
            #expect(try openSocketCount(of: feed.directory.socket) == 1)
            #expect(!feed.hub.wantsScores)
        }
    }
}
