import Foundation
import TestSupport
import Testing

/// `watchword status` beside a running daemon.
@Suite(.serialized) struct StatusVerbTests {
    @Test func itShowsStreamsEventsAndTheFeedToPeople() async throws {
        try await TemporaryDirectory.with { directory in
            let streams =
                DaemonProcess.stream("live", DaemonProcess.picture)
                + DaemonProcess.stream("dead", "rtsp://viewer:${CAMERA_PASSWORD}@127.0.0.1:1/cam")
            let environment = ["CAMERA_PASSWORD": "c4nary"]
            try await DaemonProcess.with(streams, environment: environment, in: directory) { _ in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                try await client.next("an event") { $0.isEvent("started", of: "live") }
                try await eventually("the dead one") {
                    try client.read()
                    return client.lines.contains { $0.isStream("dead", "offline") }
                }
                for options in [[], ["--json"]] {
                    let verb = ["status", "--socket", directory.socket]
                    let outcome = try await watchword(verb + options, in: directory)
                    #expect(outcome.ending == .exit(0), "\(outcome)")
                    #expect(!outcome.output.contains("c4nary"))
                    guard options.isEmpty else { continue }
                    #expect(outcome.output.contains(/\nlive  online\n  source  lavfi:.* rawvideo 160x120 at 50\/s/))
                    #expect(outcome.output.contains(#/\n  open    anything  score \d\.\d\d  since /#))
                    #expect(outcome.output.contains(/\ndead  offline: .*127\.0\.0\.1:1/))
                    #expect(outcome.output.contains(/decisions [1-9]/))
                    #expect(outcome.output.contains("no journal"))
                }
            }
        }
    }

    @Test func noDaemonIsAnError() async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await watchword(["status", "--socket", directory.socket], in: directory)
            #expect(outcome.ending == .exit(1))
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("no daemon serves the event socket"))
        }
    }
}
