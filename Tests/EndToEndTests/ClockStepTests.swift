import Foundation
import TestSupport
import Testing
import Text

/// Civil time steps by an hour beside an open event, as NTP does to a machine without a clock of its own.
@Suite(.serialized) struct ClockStepTests {
    @Test(arguments: ["+3600", "-3600"])
    func anOpenEventKeepsItsStartAndItsLength(step: String) async throws {
        try await TemporaryDirectory.with { directory in
            let clock = try directory.write("+0\n", to: "clock")
            let begun = ContinuousClock.now
            var environment = try await MovedClock.environment(in: directory)
            environment["FAKETIME_TIMESTAMP_FILE"] = clock
            // In a process of its own the library would hide the arguments.
            let stream = DaemonProcess.stream("live", DaemonProcess.picture, "capture: thread")
            try await DaemonProcess.with(
                stream,
                environment: environment,
                launcher: [MovedClock.launcher],
                in: directory
            ) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"types":["event","stream","scores"],"since":0}}"#)
                let started = try await client.next("an event") { $0.isEvent("started", of: "live") }
                try directory.write("\(step)\n", to: "clock")
                // Decisions go on, whatever the time of day, until the event has lasted for a second.
                let (begin, jump) = (try time(started, "start_time"), try #require(Double(step)))
                for _ in 0..<12 { try await client.next("a decision") { $0.isScores(of: "live") } }
                try await client.next("a decision of a second later") { line in
                    guard line.isScores(of: "live"), let now = try? time(line, "time") else { return false }
                    return (1..<1800).contains(now.timeIntervalSince(begin) - jump)
                }
                daemon.send(SIGTERM)
                let ended = try await client.next("its end") { $0.isEvent("ended", of: "live") }
                let longest = (ContinuousClock.now - begun) / .seconds(1)

                #expect(ended["id"] == started["id"])
                #expect(ended["start_time"] == started["start_time"])
                let duration = try #require(ended["duration"]?.number)
                #expect(duration > 0.5 && duration < longest + 1, "\(ended)")
                // And the step was really taken: the records' own times are an hour apart.
                let moved = try time(ended, "time").timeIntervalSince(try time(started, "time"))
                #expect(moved - jump > 0 && moved - jump < longest + 1, "\(ended)")
                #expect(!client.lines.contains { $0.isStream("live", "offline") || $0.isStream("live", "degraded") })
                expectNoGap(client.lines)
            }
        }
    }

    private func time(_ event: JSONValue, _ key: String) throws -> Date {
        try Date(try #require(event[key]?.string), strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
