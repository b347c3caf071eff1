import Foundation
import Logging
import Synchronization
import Testing
import TestSupport

@testable import Settings
@testable import System
@testable import Systemd

@Suite("The log")
struct LogSinkTests {
    /// A sink that writes to a file, on a clock that the test sets.
    final class Log: Sendable {
        let sink: LogSink
        let time: ManualTime
        private let directory: TemporaryDirectory
        private let descriptor: Int32

        init(
            style: LogStyle = .journal,
            level: Logger.Level = .trace,
            journal: (@Sendable ([String]) -> Bool)? = nil
        ) throws {
            directory = try TemporaryDirectory()
            descriptor = open(directory.path + "/log", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
            let time = ManualTime()
            self.time = time
            sink = LogSink(level: level, fileDescriptor: descriptor, style: style, journal: journal) { time.now }
        }

        deinit { close(descriptor) }

        var lines: [Substring] {
            get throws {
                try String(contentsOfFile: directory.path + "/log", encoding: .utf8).split(separator: "\n")
            }
        }

        func logger(_ subsystem: String = "capture") -> Logger {
            Logger(label: subsystem) { DaemonLogHandler(subsystem: $0, sink: self.sink) }
        }
    }

    final class ManualTime: Sendable {
        private let value = Mutex(Duration.zero)
        var now: Duration {
            get { value.withLock(\.self) }
            set { value.withLock { $0 = newValue } }
        }
    }

    @Test func oneLineEach() throws {
        let log = try Log()
        var logger = log.logger()
        logger.info("started")
        logger[metadataKey: "stream"] = "door"
        logger[metadataKey: "codec"] = "h264"
        logger.notice("opened\n<3>fake\u{1B}[31m", metadata: ["size": "640 x 480", "codec": "hevc", "empty": ""])
        logger.debug("d")
        logger.critical("c")
        #expect(
            try log.lines == [
                "<6>info capture started",
                #"<5>notice capture [door] opened\n<3>fake\u{1B}[31m codec=hevc empty="" size="640 x 480""#,
                "<7>debug capture [door] d codec=h264",
                "<2>critical capture [door] c codec=h264",
            ]
        )
    }

    @Test func aTimeWithoutTheJournal() throws {
        let log = try Log(style: .timestamped)
        log.logger().error("gone")
        let line = try #require(try log.lines.first)
        #expect(try line.wholeMatch(of: Regex(#"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z error capture gone"#)) != nil)
    }

    @Test func theJournalIsKnownByDeviceAndInode() throws {
        let directory = try TemporaryDirectory()
        let descriptor = open(directory.path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var status = stat()
        #expect(fstat(descriptor, &status) == 0)
        let stream = "\(status.st_dev):\(status.st_ino)"
        #expect(LogStyle.detect(fileDescriptor: descriptor, environment: ["JOURNAL_STREAM": stream]) == .journal)
        #expect(LogStyle.detect(fileDescriptor: descriptor, environment: ["JOURNAL_STREAM": "1:2"]) == .timestamped)
        #expect(LogStyle.detect(fileDescriptor: descriptor, environment: [:]) == .timestamped)
    }

    @Test func secretsStayOut() throws {
        let log = try Log()
        var secrets = Secrets()
        secrets.insert("canary-5ecret")
        log.sink.register(secrets.values)
        log.logger().info(
            "cannot open rtsp://u:p@cam/1",
            metadata: ["password": "canary-5ecret", "url": "http://a:b@c?key=1"]
        )
        #expect(
            try log.lines == [
                #"<6>info capture cannot open rtsp://***@cam/1 password=*** url="http://***@c?key=***""#
            ]
        )
        #expect(log.sink.redact("canary-5ecret") == "***")
    }

    @Test func warningsAtMostOnceASecond() throws {
        let log = try Log()
        let logger = log.logger()
        for number in 1...5 {
            logger.warning("late", metadata: ["frame": "\(number)"])
            logger.info("same")
        }
        log.time.now = .seconds(1)
        logger.warning("late", metadata: ["frame": "6"])
        logger.error("late")
        logger.error("late")
        log.sink.flush()
        let all = try log.lines
        #expect(all.filter { $0.contains("same") }.count == 5)
        #expect(
            all.filter { !$0.contains("same") } == [
                "<4>warning capture late frame=1",
                "<4>warning capture late (4 more)",
                "<4>warning capture late frame=6",
                "<3>error capture late",
                "<3>error capture late (1 more)",
            ]
        )
    }

    @Test func levels() throws {
        let log = try Log(level: .notice)
        let logger = log.logger()
        var own = log.logger("feed")
        own.logLevel = .debug
        logger.info("no")
        own.debug("yes")
        log.sink.level = .info
        logger.info("now")
        #expect(try log.lines == ["<7>debug feed yes", "<6>info capture now"])
    }

    @Test func aLongLineIsCut() throws {
        let log = try Log()
        log.logger().info("\(String(repeating: "x", count: 100_000))")
        #expect(try log.lines.first?.count == LogSink.lineLimit + 4)
    }
}
