import Events
import Testing
import TestSupport

@testable import EventFeed
@testable import Text

@Suite struct FeedMessageTests {
    @Test(arguments: [
        (#"{"type":"hello","feed_id":"ab","seq_first":2,"seq_last":9,"streams":["door"]}"#, "hello"),
        (#"{"type":"snapshot","seq":9,"open":[],"streams":[]}"#, "snapshot"),
        (#"{"type":"gap","from":3,"to":5}"#, "gap"), (#"{"type":"gap","from":5,"to":3}"#, "gap"),
        (#"{"type":"status","version":"1"}"#, "status"), (#"{"type":"error","code":"new_code"}"#, "error"),
        (#"{"type":"journal","state":"ok"}"#, "journal"), (#"{"type":"scores"}"#, "scores"),
        (#"{"type":"event"}"#, "event"), (#"{"type":"stream"}"#, "stream"), (#"{"type":"later"}"#, "later"),
    ])
    func everyLineHasItsType(line: String, type: String) throws {
        #expect(try FeedMessage(parsing: line).type == type)
    }

    @Test func readsWhatTheServerWrites() throws {
        let event = try FeedMessage(parsing: FeedLine(.sample(.ended, label: "dog"), seq: 7).line)
        guard case .event(let record) = event else { return #expect(Bool(false), "\(event)") }
        #expect((record.seq, record.stream, record.label, record.isOpen) == (7, "door", "dog", false))
        #expect((record.score, record.topScore, record.threshold) == (0.8, 0.8, 0.6))
        let refusal = try FeedMessage(parsing: FeedMessages.tooSlow(sentSeq: 4).text)
        guard case .error(let error) = refusal else { return #expect(Bool(false), "\(refusal)") }
        #expect(error.code == .tooSlow)
        #expect(try FeedMessage(parsing: FeedMessages.gap(3...5).text) == .gap(3...5))
        let other = try FeedMessage(parsing: #"{"type":"error","code":"new_code","message":"no"}"#)
        #expect(other == .error(FeedMessage.Refusal(code: nil, message: "no")))
        #expect(try FeedMessage(parsing: #"{"seq":1}"#) == .unknown(type: nil))
        #expect(throws: JSONSyntaxError.self) { try FeedMessage(parsing: "{") }
    }

    /// A record reads the same for people whether it comes from the socket or from a recording.
    @Test(arguments: [LabelEvent.State.started, .updated, .ended])
    func anEventReadsTheSame(state: LabelEvent.State) throws {
        guard case .event(var event) = FeedRecord.sample(state) else { return }
        if state == .ended {
            event.duration = .milliseconds(2340)
            event.endReason = .belowRelease
        }
        let message = try FeedMessage(parsing: FeedRecord.event(event).line(seq: 1).text)
        #expect(EventLines.readable(message) == [EventLines.readable(event)])
    }
}

extension FeedLine {
    fileprivate var line: String { String(decoding: bytes.dropLast(), as: UTF8.self) }
}

extension FeedTests {
    @Suite struct Client {
        /// Live records from before the subscription come again after it, and are handed out once.
        @Test func handsOutWhatFollowsTheJoin() throws {
            let feed = try RunningFeed()
            for _ in 0..<3 { feed.hub.publish(.sample()) }
            let client = try FeedClient(connectingTo: feed.directory.socket)
            guard case .message(.hello(let hello), _) = try client.next(within: patience) else {
                return #expect(Bool(false), "no greeting")
            }
            #expect(hello.seqLast == 3)
            #expect(hello.streams == ["door", "yard"])
            for _ in 0..<3 { feed.hub.publish(.sample()) }
            try client.subscribe(Subscription(types: [.event], since: 2))
            try client.requestStatus()
            feed.hub.publish(.sample())
            var (types, numbers): ([String], [UInt64]) = ([], [])
            while numbers.last != 7 || types.count < 2 {
                guard case .message(let message, _) = try client.next(within: patience) else {
                    return #expect(Bool(false), "\(numbers)")
                }
                if let seq = message.seq { numbers.append(seq) } else { types.append(message.type ?? "") }
            }
            #expect(numbers == [3, 4, 5, 6, 7])
            #expect(types.sorted() == ["snapshot", "status"])
        }

        @Test func aRefusedSubscriptionIsHandedOut() throws {
            let feed = try RunningFeed()
            let client = try FeedClient(connectingTo: feed.directory.socket)
            try client.subscribe(Subscription(since: 8))
            _ = try client.next(within: patience)
            guard case .message(.error(let refusal), _) = try client.next(within: patience) else {
                return #expect(Bool(false), "no refusal")
            }
            #expect(refusal.code == .sinceAhead)
            feed.server.stop()
            guard case .ended = try client.next(within: patience) else {
                return #expect(Bool(false), "no end")
            }
        }
    }
}
