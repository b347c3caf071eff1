import Foundation
import TestSupport
import Testing
import Text

/// Built-in labels of the video signal, from the camera to the socket, the status and the metrics.
@Suite(.serialized) struct SignalTests {
    /// Two seconds of a picture, three of plain grey, three of a picture; then again.
    private static let film =
        "-f lavfi -i testsrc2=size=160x120:rate=10:duration=2 -f lavfi -i color=gray:size=160x120:rate=10:duration=3 "
        + "-f lavfi -i testsrc2=size=160x120:rate=10:duration=3 -filter_complex concat=n=3 "
        + "-c:v libx264 -preset ultrafast -g 10 -pix_fmt yuv420p"

    @Test(arguments: ["", ", {name: anything, text: anything at all, threshold: 1, release: 1}"])
    func aBlankPictureStartsAndEndsAnEvent(otherLabel: String) async throws {
        try await TemporaryDirectory.with { directory in
            let film = "\(directory.path)/film.mp4"
            try await ffmpeg(Self.film, to: film, in: directory)
            let rules = "min_duration: 0s, hold: 0s, cooldown: 0s"
            let stream = """
                  - name: door
                    url: \(film)
                    open_timeout: 600s
                    stall_timeout: 600s
                    window: 400ms
                    labels: [{text: 'signal:blank', \(rules)}, {text: 'signal:damaged', \(rules)}\(otherLabel)]

                """
            let settings: [String: String?] = [
                "WATCHWORD_EVENTS_PICTURES": "\(directory.path)/pictures", "WATCHWORD_EVENTS_CLIP_AFTER": "1s",
            ]
            try await WebDaemon.with(stream, environment: settings, in: directory) { web in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                let started = try await client.next("a blank picture") { $0.isEvent("started", of: "door") }
                #expect(started["label"]?.string == "signal:blank" && started["text"]?.string == "signal:blank")
                #expect(started["model"]?.string == "signal" && started["confirmed"] == .bool(true))
                #expect(started["threshold"]?.number == 0.5)
                let picture = try #require(started["picture"]?.string)
                try await eventually("the picture") { FileManager.default.fileExists(atPath: picture) }
                #expect(started["clip"]?.string != nil)

                let ended = try await client.next("the picture is back") { $0.isEvent("ended", of: "door") }
                #expect(ended["id"] == started["id"] && ended["end_reason"]?.string == "below_release")
                // Three seconds in the film, sampled every tenth of a second.
                let lasted = try #require(ended["duration"]?.number)
                #expect(lasted > 2)

                let metrics = try await web.get("/metrics").body
                #expect(metrics.contains(#"watchword_signal_score{stream="door",signal="blank"} "#))
                let events = #"watchword_events_total{stream="door",label="signal:blank",state="ended"} "#
                #expect(metrics.contains(events))
                #expect(metrics.contains(#"label="signal:damaged",state="started"} 0"#))
                let overview = try await web.get("/api/v1/streams").body
                #expect(overview.contains(#""signals":{"blank":"#))
                web.daemon.send(SIGTERM)
                #expect(try await web.daemon.finish() == .exit(0))
            }
        }
    }
}
