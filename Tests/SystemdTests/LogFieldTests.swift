import Foundation
import Logging
import Synchronization
import Testing

@testable import Settings
@testable import Systemd
@testable import Text

@Suite("The log's fields")
struct LogFieldTests {
    /// Stands in for the journal.
    final class Journal: Sendable {
        private let taken = Mutex<[[String]]>([])
        private let answer: Bool

        init(takes answer: Bool = true) { self.answer = answer }

        var entries: [[String]] { taken.withLock(\.self) }

        func send(_ fields: [String]) -> Bool {
            taken.withLock { $0.append(fields) }
            return answer
        }
    }

    @Test func theJournalGetsFields() throws {
        let journal = Journal()
        let log = try LogSinkTests.Log(journal: journal.send)
        log.logger().info("started")
        log.logger("events").warning("a\nb", metadata: ["stream": "door", "label": "parcel", "score": "0.5"])
        #expect(
            journal.entries == [
                ["MESSAGE=info capture started", "PRIORITY=6", "SUBSYSTEM=capture"],
                [
                    #"MESSAGE=warning events [door] a\nb label=parcel score=0.5"#, "PRIORITY=4", "SUBSYSTEM=events",
                    "STREAM=door", "LABEL=parcel",
                ],
            ]
        )
        // Nothing twice.
        #expect(try log.lines.isEmpty)
    }

    @Test func whatTheJournalRefusesIsNotLost() throws {
        let log = try LogSinkTests.Log(journal: Journal(takes: false).send)
        log.logger().info("started")
        #expect(try log.lines == ["<6>info capture started"])
    }

    @Test(arguments: [LogSettings.Format.text, .json])
    func secretsStayOutOfEveryField(format: LogSettings.Format) throws {
        let journal = Journal()
        let log = try LogSinkTests.Log(journal: journal.send)
        log.sink.format = format
        var secrets = Secrets()
        secrets.insert("canary-5ecret")
        log.sink.register(secrets.values)
        let logger = log.logger()
        for _ in 0..<2 {
            logger.error(
                "canary-5ecret rtsp://u:canary2@cam/1",
                metadata: [
                    "stream": "canary-5ecret", "label": "x canary-5ecret",
                    "other": "http://u:canary2@c Authorization: canary2",
                ]
            )
        }
        log.sink.flush()
        let written = try log.lines.map(String.init) + journal.entries.flatMap(\.self)
        #expect(written.count == (format == .json ? 2 : 9))
        #expect(written.allSatisfy { !$0.contains("canary") }, "\(written)")
        #expect(written.contains { $0.contains("rtsp://***@cam/1") })
    }

    @Test func anObjectALine() throws {
        let log = try LogSinkTests.Log(style: .timestamped)
        log.sink.format = .json
        let logger = log.logger()
        logger.info("started")
        for _ in 0..<3 {
            logger.warning(
                "say \"no\"\nAuthorization: x",
                metadata: ["stream": "door", "codec": "h264", "retry_ms": "500"]
            )
        }
        log.sink.flush()
        let objects = try log.lines.map { try JSONValue(parsing: $0.utf8) }
        try #require(objects.count == 3)
        #expect(
            objects.map { $0.members.map(\.key) } == [
                ["time", "level", "subsystem", "stream", "message"],
                ["time", "level", "subsystem", "stream", "message", "fields"],
                ["time", "level", "subsystem", "stream", "message", "repeated"],
            ]
        )
        #expect(objects[0]["stream"] == .null)
        #expect(objects[1]["level"]?.string == "warning")
        #expect(objects[1]["subsystem"]?.string == "capture")
        #expect(objects[1]["stream"]?.string == "door")
        #expect(objects[1]["message"]?.string == #"say "no"\nAuthorization: ***"#)
        #expect(objects[1]["fields"]?.members.map(\.key) == ["codec", "retry_ms"])
        #expect(objects[1]["fields"]?["codec"]?.string == "h264")
        #expect(objects[2]["repeated"]?.integer == 2)
        let time = try #require(objects[0]["time"]?.string)
        _ = try Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Under the journal the object is a line of its stream, with the priority that systemd takes off.
    @Test func anObjectInTheJournal() throws {
        let journal = Journal()
        let log = try LogSinkTests.Log(journal: journal.send)
        log.sink.format = .json
        log.logger().error("gone")
        let line = try #require(try log.lines.first)
        #expect(line.hasPrefix("<3>{"))
        #expect(try JSONValue(parsing: line.dropFirst(3).utf8)["message"]?.string == "gone")
        #expect(journal.entries.isEmpty)
    }
}

extension JSONValue {
    fileprivate var members: [Member] { if case .object(let members) = self { members } else { [] } }
}
