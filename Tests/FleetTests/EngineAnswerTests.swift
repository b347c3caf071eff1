import Testing
import Text

@testable import Fleet

@Suite("The engine's answers")
struct EngineAnswerTests {
    /// As nats-server 2.15.1 and, for the version, Debian 12's 2.9.10 report themselves.
    @Test(
        "servers that cannot keep a fleet's promises are refused",
        arguments: [
            ("2.15.1", true, 0), ("2.14.0", true, 0), ("2.9.10", true, 1), ("2.13.9", true, 1),
            ("3.0.0-beta.1", true, 0),
            ("2.15.1", false, 1), ("two", true, 1),
        ]
    )
    func servers(version: String, flushes: Bool, faults: Int) throws {
        let answer = """
            {"server":{"name":"s1","host":"0.0.0.0","id":"N","ver":"\(version)","jetstream":true,"seq":12},
            "data":{"config":{"max_memory":18957047808,"sync_interval":120000000000\(flushes ? #","sync_always":true"# : "")}}}
            """
        let report = try #require(ServerReport(try JSONValue(parsing: answer)))
        #expect(report.faults(isTrial: false).count == faults)
        #expect(report.faults(isTrial: true).count == (flushes ? faults : 0))
    }

    @Test("an object that an operator has changed is refused if the fleet cannot work with it")
    func objects() throws {
        let object = try #require(EngineObject.all(EngineObject.Limits()).first)
        func faults(_ change: (inout [JSONValue.Member]) -> Void, isTrial: Bool = false) -> [String] {
            guard case .object(var members) = object.configuration else { return ["no object"] }
            change(&members)
            return object.faults(["config": .object(members)], isTrial: isTrial)
        }
        #expect(faults { _ in } == [])
        #expect(
            faults { $0.removeAll { $0.key == "deny_purge" } } == ["WATCHWORD: deny_purge is false and must be true"]
        )
        #expect(faults { $0.removeAll { $0.key == "num_replicas" } }.count == 1)
        #expect(faults({ $0.removeAll { $0.key == "num_replicas" } }, isTrial: true) == [])
        #expect(faults { $0.removeAll { $0.key == "max_age" } } == [], "how long records are kept is the operator's")
        #expect(object.faults([:], isTrial: true).count == 1)
    }

    @Test("the window for copies of a message is no longer than messages are kept, which the engine refuses")
    func window() throws {
        func window(_ keep: Duration) throws -> Int64? {
            let object = try #require(EngineObject.all(EngineObject.Limits(keep: keep)).first)
            return object.configuration["duplicate_window"]?.integer
        }
        #expect(try window(.seconds(3600)) == 120_000_000_000 && window(.seconds(60)) == 60_000_000_000)
    }

    @Test("headers and data of a stored message come back")
    func stored() throws {
        let answer: JSONValue = [
            "message": [
                "subject": "watchword.ev.a.h", "seq": 7, "hdrs": "TkFUUy8xLjANCldhdGNod29yZC1FcG9jaDogMw0KDQo=",
                "data": "e30=",
            ]
        ]
        let message = try #require(StoredMessage(answer))
        #expect(message.number(EngineMessage.Header.epoch) == 3 && message.payload == Array("{}".utf8))
        #expect(StoredMessage(["message": ["seq": -1, "subject": "a"]]) == nil)
    }

    @Test("a heartbeat comes back; others are no heartbeats", arguments: ["", "{}", #"{"host":"","run":"r"}"#, "[1]"])
    func heartbeats(text: String) {
        var heartbeat = Heartbeat(host: "h", run: "r", capacity: 12.5, models: ["m"], revision: 4, version: "1.2")
        heartbeat.load = 3.2
        #expect(Heartbeat(parsing: Array(heartbeat.line.text.utf8)) == heartbeat)
        #expect(Heartbeat(parsing: Array(text.utf8)) == nil)
    }

    @Test("an event that a lost host left open ends with its last record")
    func lostOwner() throws {
        let record = """
            {"type":"event","seq":3,"id":"e","state":"updated","stream":"a","label":"l","text":"t","score":0.5,"top_score":0.75,
            "threshold":0.25,"start_time":"2026-01-01T00:00:00.000Z","end_time":null,"duration":null,"end_reason":null,
            "window_seconds":2.0,"model":"m","confirmed":true,"time":"2026-01-01T00:00:05.000Z","host":"old","epoch":1}
            """
        let now = try #require(UTCTime(iso8601: "2026-01-01T00:01:00.000Z"))
        let end = try #require(FleetRecords.end(of: Array(record.utf8), host: "new", epoch: 2, at: now))
        let value = try JSONValue(parsing: end)
        #expect(value["state"] == "ended" && value["end_reason"] == "owner_lost" && value["id"] == "e")
        #expect(value["end_time"] == "2026-01-01T00:00:05.000Z" && value["duration"] == 5.0)
        #expect(value["host"] == "new" && value["epoch"] == 2 && value["time"] == "2026-01-01T00:01:00.000Z")
        #expect(FleetRecords.end(of: Array("{}".utf8), host: "new", epoch: 2, at: now) == nil)
    }
}
