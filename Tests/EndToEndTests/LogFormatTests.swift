import Foundation
import TestSupport
import Testing
import Text

/// `log.format: json`: what a log shipper reads on standard error.
@Suite struct LogFormatTests {
    @Test func everyLineIsAnObject() async throws {
        try await TemporaryDirectory.with { directory in
            // Nobody listens at port 1.
            let streams =
                DaemonProcess.stream("live", DaemonProcess.picture)
                + DaemonProcess.stream("away", "rtsp://user:${CANARY}@127.0.0.1:1/x")
            let environment = ["WATCHWORD_LOG_FORMAT": "json", "CANARY": "canary-5ecret"]
            let lines = try await DaemonProcess.with(streams, environment: environment, in: directory) { daemon in
                try await eventually("both streams in the log", context: { daemon.errors }) {
                    daemon.errors.contains(#""stream":"live""#) && daemon.errors.contains(#""stream":"away""#)
                }
                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
                return daemon.errors.split(separator: "\n")
            }
            let objects = try lines.map { try JSONValue(parsing: $0.utf8) }
            for object in objects {
                #expect(Array(object.keys.prefix(5)) == ["time", "level", "subsystem", "stream", "message"])
                #expect(object["message"]?.string?.isEmpty == false)
                let time = try #require(object["time"]?.string)
                _ = try Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            }
            let opened = try #require(objects.first { $0["message"]?.string == "open" })
            #expect(opened["level"]?.string == "info")
            #expect(opened["stream"]?.string == "live")
            #expect(opened["fields"]?["size"]?.string == "160x120")
            let away = objects.filter { $0["stream"]?.string == "away" }
            let refused = try #require(away.first { $0["level"]?.string == "warning" })
            #expect(refused["message"]?.string?.contains("rtsp://***@127.0.0.1:1/x") == true, "\(refused)")
            #expect(!lines.contains { $0.contains("canary") })
            #expect(objects.last?["message"]?.string == "stopped")
        }
    }
}
