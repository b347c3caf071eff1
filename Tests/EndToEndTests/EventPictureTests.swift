import Foundation
import TestSupport
import Testing
import Text

/// What the daemon keeps of events to look at.
@Suite(.serialized) struct EventPictureTests {
    /// The size of a picture or film, as ffprobe says.
    private func size(of path: String, in directory: TemporaryDirectory) async throws -> String {
        let entries = "-v error -select_streams v:0 -show_entries stream=codec_name,width,height -of csv=p=0"
        let arguments = entries.split(separator: " ").map(String.init) + [path]
        return try await ChildProcess.with("/usr/bin/ffprobe", arguments, in: directory, name: "ffprobe") { child in
            let ending = try await child.finish()
            try #require(ending == .exit(0), "\(child.errors)")
            return child.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    private func settings(_ directory: TemporaryDirectory, clips: String) -> [String: String?] {
        ["WATCHWORD_EVENTS_PICTURES": "\(directory.path)/pictures", "WATCHWORD_EVENTS_CLIP_AFTER": clips]
    }

    @Test func anEventHasItsPicturesAndItsClip() async throws {
        try await TemporaryDirectory.with { directory in
            let film = "\(directory.path)/film.mp4"
            let source = "-f lavfi -i testsrc2=size=160x120:rate=25 -t 20"
            try await ffmpeg("\(source) -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p", to: film, in: directory)
            let stream = DaemonProcess.stream("door", film)
            let settings = settings(directory, clips: "1s")
            try await WebDaemon.with(stream, environment: settings, in: directory) { web in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                let started = try await client.next("an event") { $0.isEvent("started", of: "door") }
                let picture = try #require(started["picture"]?.string)
                let clip = try #require(started["clip"]?.string)
                #expect(picture.hasPrefix("\(directory.path)/pictures/20"))
                #expect(picture.hasSuffix("/\(started["id"]?.string ?? "").jpg"))

                let files = FileManager.default
                try await eventually("the picture") { files.fileExists(atPath: picture) }
                // The tiny model's window has four frames.
                #expect(try await size(of: picture, in: directory) == "mjpeg,640,120")
                try await eventually("the clip") { files.fileExists(atPath: clip) }
                #expect(try await size(of: clip, in: directory) == "h264,160,120")
                let mode = try files.attributesOfItem(atPath: picture)[.posixPermissions] as? Int
                #expect(mode == 0o640)

                let id = try #require(started["id"]?.string)
                for (name, file) in [("picture.jpg", picture), ("clip.mp4", clip)] {
                    let copy = directory(name)
                    let address = "\(web.base)/api/v1/events/\(id)/\(name)"
                    try await tool("/usr/bin/curl", ["-sSf", "-o", copy, address], in: directory)
                    #expect(files.contentsEqual(atPath: copy, andPath: file))
                }
                let other = "/api/v1/events/00000000-0000-4000-8000-000000000000/picture.jpg"
                #expect(try await web.get(other).status == 404)
                let metrics = try await web.get("/metrics")
                #expect(metrics.body.contains("watchword_events_total{"))

                web.daemon.send(SIGTERM)
                let ended = try await client.next("its end") { $0.isEvent("ended", of: "door") }
                #expect(ended["picture"] == started["picture"] && ended["clip"] == started["clip"])
                #expect(try await web.daemon.finish() == .exit(0))
            }
        }
    }

    @Test func aDiskThatTakesNothingCostsOnlyThePictures() async throws {
        try await TemporaryDirectory.with { directory in
            // A file stands where the day's folder belongs.
            let folder = "\(directory.path)/pictures"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            let formatter = ISO8601DateFormatter()
            formatter.formatOptions = [.withFullDate]
            for day in [Date(), Date() + 86_400] {
                try Data().write(to: URL(fileURLWithPath: "\(folder)/\(formatter.string(from: day))"))
            }
            let stream = DaemonProcess.stream("door", DaemonProcess.picture)
            try await DaemonProcess.with(stream, environment: settings(directory, clips: "0s"), in: directory) {
                daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"types":["event","scores"],"since":0}}"#)
                let started = try await client.next("an event") { $0.isEvent("started", of: "door") }
                #expect(started["clip"] == nil)
                let picture = try #require(started["picture"]?.string)
                try await eventually("a word on it") { daemon.errors.contains("cannot write \(picture)") }
                for _ in 0..<3 { try await client.next("a decision") { $0.isScores(of: "door") } }
                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
            }
        }
    }

    @Test func aDirectoryThatCannotBeIsNamedAtTheStart() async throws {
        try await TemporaryDirectory.with { directory in
            let stream = DaemonProcess.stream("door", DaemonProcess.picture)
            let file = try DaemonProcess.configuration(stream, in: directory)
            let environment = ["WATCHWORD_EVENTS_PICTURES": "\(directory.path)/no/such"]
            let result = try await watchword(["run", "--config", file], environment: environment, in: directory)
            #expect(result.ending == .exit(1))
            #expect(result.errors.contains("cannot make \(directory.path)/no/such: No such file or directory"))
        }
    }
}
