import Foundation
import TestSupport
import Testing
import Text

/// `probe` and `check --probe` on sources that are there and that are not.
@Suite(.serialized) struct ProbeTests {
    private func json(_ line: String) throws -> JSONValue { try JSONValue(parsing: line) }

    private static let patient = ["--timeout", "\(patience.components.seconds)s"]

    @Test func aFileSaysWhatItIs() async throws {
        try await TemporaryDirectory.with { directory in
            let source = "-f lavfi -i testsrc2=size=320x240:rate=10 -t 1 -c:v libx264 -pix_fmt yuv420p"
            try await ffmpeg(source, to: directory("clip.mp4"), in: directory)
            let turned = "-i \(directory("clip.mp4")) -c copy -metadata:s:v rotate=90"
            try await ffmpeg(turned, to: directory("turned.mp4"), in: directory)

            let people = try await watchword(["probe", directory("clip.mp4")] + Self.patient, in: directory)
            #expect(people.ending == .exit(0))
            #expect(people.errors.isEmpty)
            let expected = "\(directory("clip.mp4")): h264, 320x240, 10 pictures a second, not live"
            #expect(people.output.hasPrefix(expected), "\(people)")
            // The square in the middle: 240 of 320 columns.
            let sight =
                "  sees 75 % of the picture (view: square); whole and tiles show the model more of a wide picture"
            #expect(people.outputLines.dropFirst() == [sight], "\(people)")

            let arguments = ["probe", "--json", directory("turned.mp4")] + Self.patient
            let programs = try await watchword(arguments, in: directory)
            let object = try json(programs.output)
            #expect(object["type"]?.string == "probe")
            #expect(object["ok"] == .bool(true))
            #expect(object["codec"]?.string == "h264")
            #expect(object["width"]?.integer == 240)
            #expect(object["height"]?.integer == 320)
            #expect([90, 270].contains(object["rotation"]?.integer))
            #expect(object["rate"]?.number == 10)
            #expect(object["advice"] == .null)
            #expect(object["view"]?.string == "square")
            #expect(abs((object["seen"]?.number ?? 0) - 0.75) < 0.01)
        }
    }

    /// As `recognise` takes it.
    @Test func aPathIsRelativeToTheCurrentDirectory() async throws {
        try await TemporaryDirectory.with { directory in
            let source = "-f lavfi -i testsrc2=size=320x240:rate=10 -t 1 -c:v libx264 -pix_fmt yuv420p"
            try await ffmpeg(source, to: directory("a clip.mp4"), in: directory)
            let arguments = "'a clip.mp4' \(Self.patient.joined(separator: " "))"
            let script = "cd '\(directory.path)' && exec '\(try Program.path())' probe \(arguments)"
            try await ChildProcess.with("/bin/sh", ["-c", script], in: directory, name: "probe") { child in
                let ending = try await child.finish()
                #expect(ending == .exit(0), "\(child.errors)")
                #expect(child.output.contains("h264, 320x240"))
            }
        }
    }

    @Test func whatCannotBeReadFailsWithItsReason() async throws {
        try await TemporaryDirectory.with { directory in
            let port = try TCPPort.free()
            let arguments = ["probe", "rtsp://u:c4nary@127.0.0.1:\(port)/cam"] + Self.patient
            let dead = try await watchword(arguments, in: directory)
            #expect(dead.ending == .exit(1))
            #expect(dead.output.contains("rtsp://***@127.0.0.1:\(port)/cam: FAILED: "), "\(dead)")
            #expect(dead.output.contains("check the address and port"), "\(dead)")
            #expect(!"\(dead)".contains("c4nary"))

            try directory.write("this is no video", to: "text.mp4")
            let text = try await watchword(["probe", "--json", directory("text.mp4")] + Self.patient, in: directory)
            #expect(text.ending == .exit(1))
            let object = try json(text.output)
            #expect(object["ok"] == .bool(false))
            #expect(object["error"]?.string?.contains("damaged or is not video") == true, "\(text)")

            let none = try await watchword(["probe", "camera"], in: directory)
            #expect(none.ending == .exit(1))
            #expect(none.errors.contains("the URL has no scheme; write it like rtsp://"), "\(none)")
        }
    }

    @Test func allStreamsAreTriedSideBySide() async throws {
        let (silent, meeting, dead) = (try SilentServer(), try SilentServer(), try TCPPort.free())
        try await TemporaryDirectory.with { directory in
            try await RTSPServer.with(in: directory) { server in
                try await server.start()
                let password = ["url: rtsp://viewer:${CAMERA_PASSWORD}@127.0.0.1:\(dead)/cam"]
                let streams =
                    DaemonProcess.stream("cam", "rtsp://127.0.0.1:\(server.port)/cam")
                    + DaemonProcess.stream("dead", "x:").replacing("url: x:", with: password[0])
                    + DaemonProcess.stream("big", "lavfi:testsrc2=size=1920x1080:rate=25")
                    + (1...6).map {
                        DaemonProcess.stream("silent\($0)", "rtsp://127.0.0.1:\(silent.port)/c", "open_timeout: 3s")
                    }.joined()
                    + (1...6).map { DaemonProcess.stream("waiting\($0)", "rtsp://127.0.0.1:\(meeting.port)/c") }
                    .joined()
                let file = try DaemonProcess.configuration(streams, in: directory)
                async let probing = watchword(
                    ["check", "--probe", "--json", "--config", file],
                    environment: ["CAMERA_PASSWORD": "c4nary!@"],
                    in: directory
                )
                // None of the waiting ones is done with until all of them have come.
                try await eventually("six at a time") { meeting.waiting() == 6 }
                #expect(meeting.hangUp() == 6)
                let outcome = try await probing
                #expect(outcome.ending == .exit(1))
                let found = try outcome.outputLines.map(json)
                let names = found.compactMap { $0["stream"]?.string }
                let waiting = (1...6).map { "waiting\($0)" }
                #expect(names == ["cam", "dead", "big"] + (1...6).map { "silent\($0)" } + waiting)
                try #require(found.count == 15)
                #expect(found[0]["codec"]?.string == "h264")
                #expect(found[0]["width"]?.integer == 320)
                #expect(found[0]["height"]?.integer == 240)
                #expect(found[0]["live"] == .bool(true))
                #expect(found[1]["ok"] == .bool(false))
                // The tiny model takes 32×32.
                #expect(found[2]["advice"]?.string?.hasPrefix("the model sees 32x32: a second stream") == true)
                for silent in found[3..<9] {
                    #expect(silent["error"]?.string?.contains("no answer within 3.0 s") == true, "\(silent)")
                }
                #expect(found[9...].allSatisfy { $0["ok"] == .bool(false) })
                #expect(!"\(outcome)".contains("c4nary"))
            }
        }
    }

    @Test func checkIsASuccessWhereAllStreamsAre() async throws {
        try await TemporaryDirectory.with { directory in
            let stream = DaemonProcess.stream("live", DaemonProcess.picture)
            let file = try DaemonProcess.configuration(stream, in: directory)
            let outcome = try await watchword(["check", "--probe", "--config", file], in: directory)
            #expect(outcome.ending == .exit(0), "\(outcome)")
            #expect(outcome.output.hasPrefix("live: "), "\(outcome)")
            #expect(outcome.output.contains("160x120, 50 pictures a second"), "\(outcome)")
        }
    }

    @Test func theSchemaIsPrinted() async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await watchword(["check", "--schema"], in: directory)
            #expect(outcome.ending == .exit(0))
            #expect(try json(outcome.output)["title"]?.string == "Watchword's configuration")
        }
    }
}
