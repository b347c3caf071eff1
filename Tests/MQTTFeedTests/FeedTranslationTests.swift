import EventFeed
import Testing

@testable import MQTTFeed
@testable import Text

@Suite struct FeedTranslationTests {
    private static let topics = MQTTTopics(prefix: "w")
    private let door = MQTTStream(
        name: "door",
        labels: [.init(name: "fall", text: "a fall"), .init(name: "dog", text: "")]
    )

    private func begun(_ streams: [MQTTStream]? = nil, discovery: Bool = false) -> FeedTranslation {
        let announced = HomeAssistantDiscovery(topics: Self.topics, prefix: "ha", qos: 1, version: "1")
        var translation = FeedTranslation(
            topics: Self.topics,
            discovery: discovery ? announced : nil,
            streams: streams ?? [door]
        )
        _ = translation.begin()
        return translation
    }

    private static func event(_ seq: Int, _ state: String, _ label: String = "fall", id: String = "1") -> String {
        #"{"type":"event","seq":\#(seq),"id":"\#(id)","state":"\#(state)","stream":"door","label":"\#(label)","score":0.5}"#
    }

    private func told(_ translation: inout FeedTranslation, _ text: String) throws -> [String: String] {
        let messages = translation.record(try FeedMessage(parsing: text), text)
        return Dictionary(uniqueKeysWithValues: messages.map { ($0.topic, $0.payload) })
    }

    private func snapshot(_ translation: inout FeedTranslation, seq: Int, open: [String] = []) throws -> [String:
        String]
    {
        let text = """
            {"type":"snapshot","seq":\(seq),"open":[\(open.joined(separator: ","))],
            "streams":[{"type":"stream","seq":1,"stream":"door","state":"online","reason":null,"since":"t"}]}
            """
        guard case .snapshot(let read) = try FeedMessage(parsing: text) else { preconditionFailure("\(text)") }
        let messages = translation.snapshot(read)
        #expect(messages.allSatisfy { $0.isRetained })
        return Dictionary(uniqueKeysWithValues: messages.map { ($0.topic, $0.payload) })
    }

    @Test func itBeginsOnline() {
        var translation = FeedTranslation(topics: Self.topics, discovery: nil, streams: [door])
        #expect(translation.begin() == [.retained("w/status", "online")])
    }

    @Test func theSnapshotTellsEveryState() throws {
        var translation = begun()
        let told = try snapshot(&translation, seq: 9, open: [Self.event(8, "updated")])
        #expect(told["w/door/fall/state"] == "ON")
        #expect(told["w/door/dog/state"] == "OFF")
        #expect(told["w/door/health"] == #"{"state":"online","reason":null,"since":"t"}"#)
        #expect(try JSONValue(parsing: told["w/door/fall/attributes"] ?? "")["score"] == 0.5)
    }

    @Test func anEventIsPassedOnAsItIsAndNotRetained() throws {
        var translation = begun()
        _ = try snapshot(&translation, seq: 1)
        let text = Self.event(2, "started")
        let messages = translation.record(try FeedMessage(parsing: text), text)
        #expect(messages.first == .momentary("w/door/event", text))
        #expect(messages.dropFirst().allSatisfy { $0.isRetained })
        #expect(messages.last == .retained("w/door/fall/state", "ON"))
        // The state is told once.
        #expect(try told(&translation, Self.event(3, "updated"))["w/door/fall/state"] == nil)
        #expect(try told(&translation, Self.event(4, "ended"))["w/door/fall/state"] == "OFF")
    }

    /// What was missed is told as events; a state that is long over does not come on again.
    @Test func thePastMovesNoState() throws {
        var translation = begun()
        let now = try snapshot(&translation, seq: 20, open: [Self.event(20, "started", id: "2")])
        #expect(now["w/door/fall/state"] == "ON")
        let ended = try told(&translation, Self.event(7, "ended"))
        #expect(ended["w/door/event"] != nil)
        #expect(ended["w/door/fall/state"] == nil)
        #expect(ended["w/door/fall/attributes"] != nil)
        let started = try told(&translation, Self.event(20, "started", id: "2"))
        #expect(Set(started.keys) == ["w/door/event"])
        let health = #"{"type":"stream","seq":8,"stream":"door","state":"offline","reason":null,"since":"t"}"#
        #expect(try told(&translation, health).isEmpty)
        #expect(try told(&translation, health.replacing("8", with: "21")).keys.contains("w/door/health"))
    }

    @Test func whatIsNotConfiguredKeepsNothing() throws {
        var translation = begun()
        _ = try snapshot(&translation, seq: 1)
        #expect(try told(&translation, Self.event(2, "started", "gone")).keys.sorted() == ["w/door/event"])
    }

    @Test func aReloadTakesBackWhatIsGone() throws {
        var translation = begun(discovery: true)
        _ = try snapshot(&translation, seq: 1)
        var less = door
        less.labels.removeLast()
        let forgotten = translation.replace(streams: [less, MQTTStream(name: "yard", labels: [])])
        #expect(forgotten == ["ha/binary_sensor/w/door_L_dog/config", "w/door/dog/attributes", "w/door/dog/state"])
        #expect(translation.announcements.contains { $0.topic == "ha/binary_sensor/w/yard_H_problem/config" })
        // Comes back: it is told again.
        _ = translation.replace(streams: [door])
        #expect(try snapshot(&translation, seq: 2)["w/door/dog/state"] == "OFF")
    }

    /// A broker that has lost its memory needs the last event of each label again, whichever connection published it.
    @Test func lastEventsOutliveAConnection() throws {
        var first = begun()
        _ = try snapshot(&first, seq: 1)
        _ = try told(&first, Self.event(2, "ended"))
        var second = FeedTranslation(
            topics: Self.topics,
            discovery: nil,
            streams: [door],
            lastEvents: first.lastEvents
        )
        _ = second.begin()
        let again = try snapshot(&second, seq: 2)
        #expect(try JSONValue(parsing: again["w/door/fall/attributes"] ?? "")["score"] == 0.5)
        #expect(again["w/door/dog/attributes"] == nil)
        // Of a label that is gone nothing is published.
        _ = second.replace(streams: [MQTTStream(name: "yard", labels: [])])
        #expect(try snapshot(&second, seq: 3)["w/door/fall/attributes"] == nil)
    }
}
