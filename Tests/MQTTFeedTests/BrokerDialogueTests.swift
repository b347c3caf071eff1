import EventFeed
import Testing

@testable import MQTTFeed
@testable import System

/// What is published over one connection, without a socket, a clock or a broker.
@Suite struct BrokerDialogueTests {
    private let start = Instant(sinceOrigin: .seconds(100))

    private func dialogue(
        after seq: UInt64 = 10,
        discovery: Bool = true,
        presence: HomeAssistantPresence = HomeAssistantPresence(),
        hasSwept: Bool = false
    ) -> BrokerDialogue {
        let topics = MQTTTopics(prefix: "w")
        let announced = HomeAssistantDiscovery(topics: topics, prefix: "ha", qos: 1, version: "1")
        let door = MQTTStream(name: "door", labels: [.init(name: "fall", text: "a fall")])
        return BrokerDialogue(
            position: FeedPosition(feedID: "f", seq: seq),
            translation: FeedTranslation(topics: topics, discovery: discovery ? announced : nil, streams: [door]),
            presence: presence,
            hasSwept: hasSwept
        )
    }

    private static func event(_ seq: UInt64, _ state: String = "started") -> String {
        #"{"type":"event","seq":\#(seq),"id":"\#(seq)","state":"\#(state)","stream":"door","label":"fall","score":0.5}"#
    }

    private func take(_ line: String, _ dialogue: inout BrokerDialogue) throws -> [BrokerDialogue.Action] {
        dialogue.take(try FeedMessage(parsing: line), line)
    }

    /// A fleet delivers the records of its cameras itself, and a late record says nothing of the present.
    @Test func recordsOfAFleetArePassedOver() throws {
        let topics = MQTTTopics(prefix: "w")
        let door = MQTTStream(name: "door", labels: [.init(name: "fall", text: "a fall")])
        var dialogue = BrokerDialogue(
            position: FeedPosition(feedID: "f", seq: 10),
            translation: FeedTranslation(topics: topics, discovery: nil, streams: [door]),
            delivers: RecordSource(feedID: "f", isWithoutFleet: true) { () throws(FeedError) in
                throw FeedError(code: .notRunning, message: "no feed", path: "")
            }.delivers
        )
        let foreign = Self.event(11).replacing(#""score""#, with: #""epoch":4,"score""#)
        #expect(try take(foreign, &dialogue) == [.publish([], record: 11)])
        guard case .publish(let own, record: 12)? = try take(Self.event(12), &dialogue).first else {
            Issue.record("the host's own event is not published")
            return
        }
        #expect(own.contains { $0.topic == "w/door/event" } && own.count == 3)
        var all = self.dialogue(discovery: false)
        let late = Self.event(11).replacing(#""score""#, with: #""late":true,"score""#)
        guard case .publish(let past, record: 11)? = try take(late, &all).first else {
            Issue.record("the late event is not published")
            return
        }
        #expect(past.contains { $0.topic == "w/door/event" } && !past.contains { $0.payload == "ON" })
    }

    @Test func anAcceptedConnectionAnnouncesAndSweeps() {
        var dialogue = dialogue()
        let earlier = Announced(
            broker: "b:1883",
            topic: "w",
            discovery: "ha",
            streams: [MQTTStream(name: "door", labels: [.init(name: "fall", text: ""), .init(name: "cat", text: "")])]
        )
        let actions = dialogue.accepted(at: start, announced: [earlier])
        let gone = ["ha/binary_sensor/w/door_L_cat/config", "w/door/cat/attributes", "w/door/cat/state"]
        guard actions.count == 5, case .announce(let messages) = actions[1] else {
            return #expect(Bool(false), "\(actions)")
        }
        #expect(messages.contains { $0.topic == "ha/binary_sensor/w/door_L_fall/config" })
        #expect(actions[0] == .subscribe("ha/status"))
        // The sweep is no subscriber of the announcements yet.
        let rest: [BrokerDialogue.Action] = [
            .publish([.retained("w/status", "online")], record: nil), .subscribe("ha/+/w/+/config"), .clear(gone),
        ]
        #expect(Array(actions.dropFirst(2)) == rest)

        #expect(dialogue.tick(at: start + BrokerDialogue.sweep / 2).isEmpty && !dialogue.hasSwept)
        #expect(dialogue.tick(at: start + BrokerDialogue.sweep).isEmpty && dialogue.hasSwept)
        let late = start + BrokerDialogue.sweep + .milliseconds(1)
        #expect(dialogue.tick(at: late) == [.unsubscribe("ha/+/w/+/config")])
        #expect(dialogue.tick(at: late + .seconds(60)).isEmpty, "once")
        // To other daemons' announcements it would be a subscriber, so later connections leave it out.
        var next = self.dialogue(hasSwept: dialogue.hasSwept)
        #expect(!next.accepted(at: late, announced: []).contains(.subscribe("ha/+/w/+/config")))
        #expect(next.tick(at: late + .seconds(60)).isEmpty && next.hasSwept)
    }

    @Test func theBrokersMessages() {
        var dialogue = dialogue()
        func received(_ topic: String, _ payload: String, retained: Bool) -> [BrokerDialogue.Action] {
            dialogue.received(topic: topic, payload: payload, isRetained: retained)
        }
        guard case .publish(let again, record: nil)? = received("ha/status", "online", retained: false).first else {
            return #expect(Bool(false), "nothing is announced to a Home Assistant that starts")
        }
        #expect(!again.isEmpty)
        #expect(received("ha/status", "online", retained: true).isEmpty)
        #expect(received("ha/status", "offline", retained: false).isEmpty)
        // An entity of an earlier run goes, with what it reads.
        let orphan = "ha/binary_sensor/w/door_L_cat/config"
        let payload = { (status: String) in
            #"{"state_topic":"w/door/cat/state","json_attributes_topic":"w/door/cat/attributes","#
                + #""availability":[{"topic":"\#(status)"}]}"#
        }
        let cleared = BrokerDialogue.Action.clear([orphan, "w/door/cat/state", "w/door/cat/attributes"])
        #expect(received(orphan, payload("w/status"), retained: true) == [cleared])
        #expect(received(orphan, payload("w/status"), retained: false).isEmpty)
        #expect(received(orphan, "", retained: true).isEmpty)
        // Another daemon's, or nobody knows whose, stays.
        #expect(received(orphan, payload("x/status"), retained: true) == [.clear([])])
        #expect(received(orphan, "{}", retained: true) == [.clear([])])
        #expect(received("ha/binary_sensor/w/door_L_fall/config", payload("w/status"), retained: true).isEmpty)
        // What an entity claims to read elsewhere is not touched.
        let foreign = payload("w/status").replacing("w/door/cat/attributes", with: "kitchen/light")
        #expect(received(orphan, foreign, retained: true) == [.clear([orphan, "w/door/cat/state"])])
    }

    @Test func aRecordIsDeliveredOnceTheBrokerHasAllOfIt() throws {
        var dialogue = dialogue()
        _ = try take(#"{"type":"snapshot","seq":10,"open":[],"streams":[]}"#, &dialogue)
        let line = Self.event(11)
        guard case .publish(let messages, record: 11)? = try take(line, &dialogue).first else {
            return #expect(Bool(false), "the event is not published")
        }
        #expect(messages.first == .momentary("w/door/event", line))
        dialogue.published(11, as: [1, 2, 3])
        #expect(dialogue.seqLast == 11)
        dialogue.acknowledged(3, hasSubscriber: true)
        dialogue.acknowledged(1, hasSubscriber: true)
        #expect(dialogue.position == FeedPosition(feedID: "f", seq: 10))
        dialogue.acknowledged(2, hasSubscriber: true)
        #expect(dialogue.position == FeedPosition(feedID: "f", seq: 11))
        // What the feed sends again is not published again.
        #expect(try take(line, &dialogue).isEmpty)
    }

    @Test func aBrokerThatDoesNotAcknowledgeGetsNoMore() throws {
        var dialogue = dialogue(after: 0, discovery: false)
        for seq in 1...UInt64(BrokerDialogue.mostOut) {
            #expect(dialogue.takesRecords)
            _ = try take(Self.event(seq, "updated"), &dialogue)
            dialogue.published(seq, as: [Int32(seq)])
        }
        #expect(!dialogue.takesRecords)
        dialogue.acknowledged(1, hasSubscriber: true)
        #expect(dialogue.takesRecords)
        #expect(dialogue.position.seq == 1)
    }

    /// What is published before Home Assistant has subscribed again never reaches it.
    @Test func recordsWaitForAHomeAssistantThatWasThere() throws {
        var dialogue = dialogue()
        let snapshot = #"{"type":"snapshot","seq":10,"open":[],"streams":[]}"#
        /// A connection whose announcements had a subscriber or not, up to its first record.
        func connect(heard: Bool) throws {
            _ = dialogue.accepted(at: start, announced: [])
            dialogue.announced(as: [7, 8])
            for number: Int32 in [7, 8] { dialogue.acknowledged(number, hasSubscriber: heard && number == 8) }
            dialogue = self.dialogue(presence: dialogue.presence)
            _ = dialogue.accepted(at: start, announced: [])
            dialogue.announced(as: [7, 8])
        }
        // Nobody was there: nothing is waited for.
        try connect(heard: false)
        _ = try take(snapshot, &dialogue)
        #expect(dialogue.takesRecords)
        // It was there, and is not back yet. The states of the snapshot do not wait.
        try connect(heard: true)
        #expect(dialogue.takesRecords)
        guard case .publish(let states, record: nil)? = try take(snapshot, &dialogue).first else {
            return #expect(Bool(false), "no states")
        }
        #expect(states.contains { $0.topic == "w/door/fall/state" })
        for number: Int32 in [7, 8] { dialogue.acknowledged(number, hasSubscriber: false) }
        #expect(!dialogue.takesRecords)
        // It announces itself once it has subscribed. What the broker kept of an earlier one says nothing.
        _ = dialogue.received(topic: "ha/status", payload: "online", isRetained: true)
        _ = dialogue.received(topic: "ha/status", payload: "offline", isRetained: false)
        #expect(!dialogue.takesRecords)
        _ = dialogue.received(topic: "ha/status", payload: "online", isRetained: false)
        #expect(dialogue.takesRecords)
        // It was back first.
        try connect(heard: true)
        _ = try take(snapshot, &dialogue)
        #expect(!dialogue.takesRecords)
        dialogue.acknowledged(8, hasSubscriber: true)
        #expect(dialogue.takesRecords)
        // Another configuration's snapshot comes through, too.
        try connect(heard: true)
        _ = try take(snapshot, &dialogue)
        _ = dialogue.replace(streams: [MQTTStream(name: "yard", labels: [])])
        #expect(dialogue.takesRecords)
        _ = try take(snapshot, &dialogue)
        #expect(!dialogue.takesRecords)
        // It does not come back: not in this time, and so not at the next connection.
        let end = start + HomeAssistantPresence.patience
        _ = dialogue.tick(at: end)
        #expect(!dialogue.takesRecords)
        _ = dialogue.tick(at: end + .milliseconds(1))
        #expect(dialogue.takesRecords)
        try connect(heard: false)
        _ = try take(snapshot, &dialogue)
        #expect(dialogue.takesRecords)
    }

    @Test func connectionsThatKeepBreakingShareOneWait() throws {
        var dialogue = dialogue()
        var now = start
        /// Another connection, 100 s after the last, that breaks after 50 s.
        func connect() throws {
            dialogue = self.dialogue(presence: dialogue.presence)
            now = now + .seconds(100)
            _ = dialogue.accepted(at: now, announced: [])
            _ = try take(#"{"type":"snapshot","seq":10,"open":[],"streams":[]}"#, &dialogue)
            #expect(!dialogue.takesRecords, "the time without a connection does not count")
            now = now + .seconds(50)
            _ = dialogue.tick(at: now)
        }
        func isBack() { _ = dialogue.received(topic: "ha/status", payload: "online", isRetained: false) }
        isBack()
        try connect()
        #expect(!dialogue.takesRecords)
        // It was back in between: all of the wait is left.
        isBack()
        try connect()
        #expect(!dialogue.takesRecords)
        try connect()
        #expect(dialogue.takesRecords)
    }

    @Test func whatIsNoLongerKeptIsReportedAndPassed() throws {
        var dialogue = dialogue()
        #expect(try take(#"{"type":"gap","from":11,"to":20}"#, &dialogue) == [.lost(11...20)])
        #expect(dialogue.position.seq == 20)
        #expect(try take(#"{"type":"gap","from":3,"to":5}"#, &dialogue) == [.lost(3...5)])
        #expect(dialogue.position.seq == 20)
    }

    @Test func aNumberingThatWentBackIsNew() throws {
        var dialogue = dialogue()
        _ = try take(Self.event(11), &dialogue)
        dialogue.published(11, as: [1])
        #expect(try take(#"{"type":"error","code":"since_ahead","message":"m"}"#, &dialogue) == [.rejoinFeed])
        #expect(dialogue.position == FeedPosition(feedID: "f", seq: 0))
        #expect(dialogue.seqLast == 0)
        // Acknowledgements from before count for nothing.
        dialogue.acknowledged(1, hasSubscriber: true)
        #expect(dialogue.position.seq == 0)
        #expect(try take(#"{"type":"error","code":"too_slow","message":"m"}"#, &dialogue).isEmpty)
    }

    @Test func otherStreamsNeedANewSnapshot() {
        var dialogue = dialogue(discovery: false)
        let actions = dialogue.replace(streams: [MQTTStream(name: "yard", labels: [])])
        #expect(actions.last == .rejoinFeed)
        guard case .clear(let topics)? = actions.first else {
            return #expect(Bool(false), "\(actions)")
        }
        #expect(topics.contains("w/door/health"))
    }

    /// The sweep subscribes to the daemon's own announcements, so that those of a reload always have a subscriber.
    @Test func aReloadIsNoSignOfHomeAssistant() {
        var dialogue = dialogue()
        _ = dialogue.accepted(at: start, announced: [])
        let actions = dialogue.replace(streams: [MQTTStream(name: "yard", labels: [])])
        guard actions.count == 3, case .publish(let messages, record: nil) = actions[1] else {
            return #expect(Bool(false), "\(actions)")
        }
        #expect(messages.contains { $0.topic == "ha/binary_sensor/w/yard_H_problem/config" })
    }
}
