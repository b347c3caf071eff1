import Testing

@testable import MQTTFeed

@Suite struct MQTTTopicsTests {
    @Test(arguments: [
        ("fall", "fall"), ("lights_out", "lights_out"), ("a person puts down a parcel", "a-person-puts-down-a-parcel"),
        ("Fire!", "fire--"), ("a  dog", "a-dog--"), ("a-dog", "adog--"), ("日本", "--"), ("a/b+c#", "abc--"),
        (" a", "a--"),
    ])
    func aLabelIsOneLevel(name: String, level: String) {
        let made = MQTTTopics.level(of: name)
        #expect(level.hasSuffix("--") ? made.hasPrefix(level) && made.count > level.count : made == level)
        #expect(made.utf8.count <= 70)
        #expect(made.wholeMatch(of: /[a-zA-Z0-9_-]+/) != nil, "Home Assistant takes no other characters: \(made)")
    }

    @Test func noTwoLabelsShareOne() {
        let long = String(repeating: "a very long label ", count: 20)
        let names = [
            "a dog", "a_dog", "a-dog", "a  dog", "A dog", "a dog ", "a dog!", "adog", "日本", "日本語", "", "-", "--", long,
            long + "x",
        ]
        #expect(Set(names.map { MQTTTopics.level(of: $0) }).count == names.count)
    }

    /// A retained topic must be found again by the next run.
    @Test func itIsTheSameInEveryRun() {
        #expect(MQTTTopics.level(of: "Fire!") == "fire--9c799be1206e8ca8")
    }
}

@Suite struct MQTTAddressTests {
    @Test(arguments: [
        ("mqtt://broker.local", "broker.local", 1883, false), ("mqtts://broker.local/", "broker.local", 8883, true),
        ("mqtt://10.0.0.2:21883", "10.0.0.2", 21883, false), ("mqtts://[fe80::1]:1", "fe80::1", 1, true),
        ("mqtt://[::1]", "::1", 1883, false),
    ])
    func good(url: String, host: String, port: Int, isTLS: Bool) throws {
        let address = try #require(MQTTAddress(url))
        #expect(address.host == host)
        #expect(Int(address.port) == port)
        #expect(address.isTLS == isTLS)
    }

    @Test(arguments: [
        "", "broker", "broker:1883", "http://broker", "mqtt://", "mqtt://:1883", "mqtt://a:0", "mqtt://a:65536",
        "mqtt://a:x",
        "mqtt://a/b", "mqtt://u:p@a", "mqtt://a b", "mqtt://[::1", "mqtt://[x]", "mqtt://[::1]x", "MQTT://a",
        "mqtt://a:",
    ])
    func bad(url: String) {
        #expect(MQTTAddress(url) == nil)
    }

    @Test func thePasswordIsNotPrinted() {
        var settings = MQTTSettings()
        settings.url = "mqtt://a"
        settings.password = "c4nary"
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped] { #expect(!text.contains("c4nary")) }
    }
}
