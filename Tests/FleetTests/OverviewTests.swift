import Testing
import Text

@testable import Fleet

@Suite("The fleet at one moment")
struct OverviewTests {
    private let now = UTCTime(microseconds: 1_795_900_000_000_000)

    private func entry(_ subject: String, _ value: String, _ sequence: UInt64, secondsAgo: Int64 = 1) -> StoredMessage {
        StoredMessage(
            subject: subject,
            sequence: sequence,
            payload: Array(value.utf8),
            time: now - .seconds(secondsAgo)
        )
    }

    /// As nats-server 2.15.1 describes a stream of three replicas, shortened.
    private static let answer = """
        {"type":"io.nats.jetstream.api.v1.stream_info_response","total":0,"offset":0,"limit":0,
        "config":{"name":"WATCHWORD","subjects":["watchword.ev.*.*","watchword.late.*.*"],"num_replicas":3},
        "created":"2026-11-28T22:10:03.120473871Z",
        "state":{"messages":190,"bytes":12345,"first_seq":11,"first_ts":"2026-11-28T22:10:04Z","last_seq":200,
        "last_ts":"2026-11-28T22:10:04Z","num_subjects":2,"subjects":{"watchword.late.door.h":3,"watchword.late.yard.i":1},
        "consumer_count":1},
        "cluster":{"name":"load","leader":"s1","replicas":[{"name":"s0","current":true,"active":123456,"peer":"x"},
        {"name":"s2","current":false,"offline":true,"active":9000000000,"lag":7,"peer":"y"}]},
        "ts":"2026-11-28T22:20:04.1Z"}
        """

    private func overview(configured: [String] = []) throws -> FleetOverview {
        let report = try #require(StreamReport(try JSONValue(parsing: Self.answer)))
        let findings = FleetOverview.Findings(
            engine: FleetOverview.Engine(servers: ["nats://a"], version: "2.15.1", stream: report),
            revision: FleetRevision(entry(FleetSubjects.configuration, "streams: []", 12)),
            claims: [
                entry(FleetSubjects.claim(of: "door"), "h", 17), entry(FleetSubjects.claim(of: "gone"), "", 18),
                entry(FleetSubjects.claim(of: "hall"), "dead", 19),
                entry(FleetSubjects.pulse(of: "h"), "r", 20),
                entry(FleetSubjects.pulse(of: "dead"), "r", 21, secondsAgo: 60),
                entry(FleetSubjects.claim(of: "=deliveries"), "h", 23),
                entry(FleetSubjects.mark(of: "mqtt"), #"{"feed_id":"f","seq":150}"#, 24),
                entry(FleetSubjects.pulse(of: "old"), "r", 22, secondsAgo: 100_000),
            ],
            settings: [
                entry(FleetSubjects.place(of: "door"), "h", 1), entry(FleetSubjects.place(of: "hall"), "h", 2),
                entry(FleetSubjects.place(of: "yard"), "", 3), entry(FleetSubjects.drain(of: "h"), "yes", 4),
                entry(FleetSubjects.drain(of: "i"), "", 5), entry(FleetSubjects.configuration, "streams: []", 12),
            ],
            heartbeats: [Heartbeat(host: "h", run: "r", capacity: 40, load: 1.6, revision: 11, version: "1")],
            configured: configured
        )
        return FleetOverview(findings, at: now)
    }

    @Test("the hosts that are heard, and those that were")
    func hosts() throws {
        let hosts = try overview().hosts
        #expect(hosts.map(\.name) == ["dead", "h"], "one that left a day ago is forgotten")
        #expect(hosts.map(\.state) == ["lost", "alive"] && hosts.map(\.isToDrain) == [false, true])
        #expect(hosts.map(\.cameras) == [1, 1])
        #expect(hosts[0].lastPulse == now - .seconds(60) && hosts[1].lastPulse == nil)
    }

    @Test("the cameras of the claims, of the configuration and of late records")
    func cameras() throws {
        let overview = try overview(configured: ["door", "new"])
        #expect(overview.cameras.map(\.name) == ["door", "hall", "new", "yard"])
        #expect(overview.cameras.map(\.host) == ["h", "dead", nil, nil])
        #expect(overview.cameras.map(\.epoch) == [17, 19, nil, nil])
        #expect(overview.cameras.map(\.place) == ["h", "h", nil, nil])
        #expect(overview.cameras.map(\.late) == [3, 0, 0, 1] && overview.late == 4)
    }

    @Test("the stream as the engine describes it")
    func stream() throws {
        let stream = try overview().engine.stream
        #expect(stream.first == 11 && stream.last == 200 && stream.bytes == 12345 && stream.leader == "s1")
        #expect(stream.feedID == "WATCHWORD@2026-11-28T22:10:03.120473871Z")
        let (current, offline) = (stream.replicas[0], stream.replicas[1])
        #expect(current == StreamReport.Replica(name: "s0", isCurrent: true, isOffline: false, lag: 0))
        #expect(offline == StreamReport.Replica(name: "s2", isCurrent: false, isOffline: true, lag: 7))
        #expect(StreamReport(["config": [:]]) == nil)
    }

    @Test("people get a table, programs an object")
    func text() throws {
        let overview = try overview(configured: ["new"])
        let lines = overview.readable
        let words = lines.map { $0.split(separator: " ").joined(separator: " ") }
        #expect(words.contains("h alive, to drain 1 1.6 of 40.0 1 11, not the last"))
        #expect(lines.contains { $0.hasPrefix("dead  lost since 20") })
        #expect(lines.contains { $0.hasPrefix("door    h       17     20") && $0.hasSuffix("  3     placed by hand") })
        #expect(words.contains { $0.hasPrefix("hall dead 19 20") && $0.hasSuffix(" 0 to go to h") })
        #expect(words.contains("new nobody – – 0"))
        #expect(words.contains("feed records 11 to 200, 0.0 MB, led by s1, s0 current, s2 offline"))
        let value = try JSONValue(parsing: overview.line.text)
        #expect(words.contains("deliveries by h, mqtt to record 150"))
        #expect(value["deliveries"]?["host"] == "h")
        #expect(value["deliveries"]?["receivers"]?.array?.first?["seq"] == 150)
        #expect(value["type"] == "fleet_status" && value["engine"]?["leader"] == "s1" && value["late"] == 4)
        #expect(value["configuration"]?["revision"] == 12 && value["hosts"]?.array?.count == 2)
        #expect(value["cameras"]?.array?.first?["epoch"] == 17)
        #expect(value["cameras"]?.array?.first { $0["camera"] == "new" }?["host"] == .null)
    }

    @Test(
        "the engine's times",
        arguments: [
            ("2026-11-22T10:15:03.120473871Z", "2026-11-22T10:15:03.120Z"),
            ("2026-11-22T10:15:03Z", "2026-11-22T10:15:03.000Z"),
            ("2026-11-22T10:15:03.1Z", "2026-11-22T10:15:03.100Z"),
        ]
    )
    func times(text: String, expected: String) {
        #expect(UTCTime(rfc3339: text)?.description == expected)
        #expect(UTCTime(rfc3339: String(text.dropLast())) == nil)
    }
}
