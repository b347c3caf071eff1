import Foundation
import TestSupport
import Testing
import Text

/// `watchword events` beside a running daemon.
@Suite(.serialized) struct EventsVerbTests {
    private let stream = DaemonProcess.stream("live", DaemonProcess.picture)

    @Test func jsonIsTheSocketsOwnLines() async throws {
        let lines = try await follow(["--json", "--since", "0"]).map { try JSONValue(parsing: $0) }
        #expect(lines.first?.type == "hello")
        #expect(lines.contains { $0.type == "snapshot" })
        let records = lines.filter { $0.type == "event" || $0.type == "stream" }
        // From the first record there ever was to the last.
        #expect(records.first?.seq == 1)
        expectNoGap(lines)
        #expect(records.contains { $0.isStream("live", "online") })
        #expect(records.contains { $0.isEvent("started", of: "live") })
        #expect(records.last?.isEvent("ended", of: "live") == true)
    }

    @Test func withoutJSONItIsForPeople() async throws {
        let lines = try await follow(["--since", "0"])
        #expect(lines.contains { $0.wholeMatch(of: /\d\d:\d\d:\d\d  live  is online/) != nil }, "\(lines)")
        let started = /\d\d:\d\d:\d\d  live  started  anything  score \d\.\d\d/
        #expect(lines.contains { $0.wholeMatch(of: started) != nil }, "\(lines)")
        let ended = /\d\d:\d\d:\d\d  live  ended  anything  score .*  after \d+\.\d s  \(shutdown\)/
        #expect(lines.last?.wholeMatch(of: ended) != nil, "\(lines)")
    }

    @Test func scoresAreShownWhenAskedFor() async throws {
        let lines = try await follow(["--scores"]) { text in
            text.contains(/live  anything \d\.\d\d\n/)
        }
        #expect(!lines.isEmpty)
    }

    @Test func filtersLeaveTheRestOut() async throws {
        let options = ["--json", "--since", "0", "--stream", "door*", "--label", "any*"]
        let lines = try await follow(options, streams: stream + DaemonProcess.stream("door1", DaemonProcess.picture))
        let streams = try lines.map { try JSONValue(parsing: $0) }.compactMap { $0["stream"]?.string }
        #expect(!streams.isEmpty)
        #expect(streams.allSatisfy { $0 == "door1" }, "\(streams)")
    }

    @Test func noDaemonIsAnError() async throws {
        try await TemporaryDirectory.with { directory in
            let environment = ["WATCHWORD_SOCKET": directory.socket]
            let outcome = try await watchword(["events"], environment: environment, in: directory)
            #expect(outcome.ending == .exit(1))
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("no daemon serves the event socket \(directory.socket): start it"))
        }
    }

    /// What `events` prints from before the first event to the daemon's end, which comes once `isEnough`.
    private func follow(
        _ options: [String],
        streams: String? = nil,
        until isEnough: (String) -> Bool = { $0.contains("started") }
    ) async throws -> [String] {
        try await TemporaryDirectory.with { directory in
            try await DaemonProcess.with(streams ?? stream, in: directory) { daemon in
                try await ChildProcess.with(
                    try Program.path(),
                    ["events", "--socket", directory.socket] + options,
                    in: directory,
                    name: "events"
                ) { events in
                    try await eventually("enough", context: { events.output + events.errors }) {
                        isEnough(events.output)
                    }
                    daemon.send(SIGTERM)
                    #expect(try await daemon.finish() == .exit(0))
                    #expect(try await events.finish() == .exit(1))
                    #expect(events.errors.contains("the daemon closed the connection"))
                    return events.output.split(separator: "\n").map(String.init)
                }
            }
        }
    }
}
