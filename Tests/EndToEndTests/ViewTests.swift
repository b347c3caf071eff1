import Events
import Foundation
import TestSupport
import Testing
import Text

/// `view:` in the program: the offline tools, the daemon's status and its events.
@Suite(.serialized) struct ViewTests {
    private static let labels = ["a dog", "a cat"]

    private func scores(_ clip: String, _ options: [String], in directory: TemporaryDirectory) async throws
        -> [[Double]]
    {
        let labels = Self.labels.flatMap { ["--label", $0] }
        let arguments =
            ["recognise", clip, "--model", Tree.tinyModel, "--window", "400ms", "--json"] + labels + options
        let outcome = try await watchword(arguments, in: directory)
        try #require(outcome.ending == .exit(0), "\(outcome)")
        return try outcome.outputLines.map { line in
            let decision = try JSONValue(parsing: line)
            return try Self.labels.map { try #require(decision["scores"]?[$0]?.number) }
        }
    }

    /// Three clips that ffmpeg cuts out of the picture, scored as pictures of their own, say what the tiles score.
    @Test(arguments: ["exact", "cached"])
    func theScoresOfTilesAreTheHighestOfTheirCrops(reuse: String) async throws {
        try await TemporaryDirectory.with { directory in
            let clip = directory("wide.mkv")
            let source = "-f lavfi -i testsrc2=size=128x72:rate=10 -t 3"
            try await ffmpeg("\(source) -c:v ffv1 -pix_fmt gbrp", to: clip, in: directory)
            let tiles = try await scores(clip, ["--view", "tiles", "--reuse", reuse], in: directory)
            var parts: [[[Double]]] = []
            for x in [0, 28, 56] {
                let part = directory("part\(x).mkv")
                try await ffmpeg("-i \(clip) -vf crop=72:72:\(x):0 -c:v ffv1 -pix_fmt gbrp", to: part, in: directory)
                parts.append(try await scores(part, ["--reuse", reuse], in: directory))
            }
            #expect(tiles.count > 20 && parts.allSatisfy { $0.count == tiles.count })
            for (index, decision) in tiles.enumerated() {
                for label in Self.labels.indices {
                    let highest = try #require(parts.map { $0[index][label] }.max())
                    #expect(abs(decision[label] - highest) < 1e-4)
                }
            }
            #expect(try await scores(clip, ["--view", "whole", "--reuse", reuse], in: directory) != tiles)
            #expect(
                try await scores(clip, ["--view", "square", "--reuse", reuse], in: directory)
                    == (try await scores(clip, ["--reuse", reuse], in: directory))
            )
        }
    }

    /// The drawn scene at the left of a wide picture, and its first picture at the right.
    private func wideScene(in directory: TemporaryDirectory) async throws -> String {
        let (square, clip) = (directory("square.mkv"), directory("wide.mkv"))
        try await ffmpeg("-i \(ReplayTests.scene) -vf crop=240:240 -c:v ffv1", to: square, in: directory)
        let graph =
            "[0:v]split[a][b];[b]trim=end_frame=1,loop=-1:1,trim=duration=54,setpts=N/10/TB[c];[a][c]hstack=shortest=1"
        try await ffmpeg("-i \(square) -filter_complex \(graph) -r 10 -c:v ffv1", to: clip, in: directory)
        return clip
    }

    /// What happens at one side is one event of each label, and says where it was.
    @Test func aReplaySaysWhereItHappened() async throws {
        try await TemporaryDirectory.with { directory in
            let clip = try await wideScene(in: directory)
            let file = try directory.write(ReplayTests.configuration("    view: tiles\n"), to: "mine.yaml")
            let outcome = try await watchword(["replay", "--config", file, clip, "--json"], in: directory)
            try #require(outcome.ending == .exit(0), "\(outcome)")
            let events = try outcome.outputLines.compactMap { LabelEvent(try JSONValue(parsing: $0)) }
            let covered = events.filter { $0.label == "covered" && $0.state == .ended }
            #expect(covered.count == 1 && covered.first?.part == .left, "\(events)")
            #expect(events.allSatisfy { $0.part != nil })
            let spoken = try await watchword(["replay", "--config", file, clip], in: directory)
            #expect(spoken.output.contains("  hall  started  covered, left  score "), "\(spoken)")
        }
    }

    /// A label taught by clips of which only the left part changes is taught by that part.
    @Test func aLessonIsTakenWhereTheClipChanges() async throws {
        try await TemporaryDirectory.with { directory in
            var lines = ["square": "", "tiles": ""]
            for (index, start) in [1, 5, 9].enumerated() {
                let (left, wide) = (directory("left\(index).mkv"), directory("wide\(index).mkv"))
                let turn = "negate=enable='gte(t,1.5)'"
                let input = "-ss \(start) -t 4 -i \(ReplayTests.scene) -r 10"
                try await ffmpeg("\(input) -vf crop=240:240,\(turn),format=gbrp -c:v ffv1", to: left, in: directory)
                try await ffmpeg("-i \(left) -vf pad=480:240:0:0:gray -c:v ffv1", to: wide, in: directory)
                for (view, clip) in [("square", left), ("tiles", wide)] { lines[view]? += "\(clip), " }
            }
            var reports: [String: JSONValue] = [:]
            for (view, clips) in lines {
                let text = """
                    streams:
                      - name: hall
                        url: ./live.mp4
                        view: \(view)
                        labels: [{text: the colours are inverted, examples: [\(clips)]}]
                    """
                let file = try directory.write(text, to: "\(view).yaml")
                let environment = ["XDG_CACHE_HOME": directory("cache")]
                let arguments = ["teach", "--config", file, "--json"]
                let outcome = try await watchword(arguments, environment: environment, in: directory)
                try #require(outcome.ending == .exit(0), "\(outcome)")
                reports[view] = try JSONValue(parsing: try #require(outcome.outputLines.first))
            }
            let leads = { (view: String) in
                (reports[view]?["examples"]?.array ?? []).compactMap { $0["taught"]?.number }
            }
            #expect(leads("square").count == 3)
            for (square, tiles) in zip(leads("square"), leads("tiles")) { #expect(abs(square - tiles) < 1e-3) }
            #expect(leads("tiles").count == 3)
        }
    }

    @Test func theDaemonSaysWhatItSeesAndWhere() async throws {
        try await TemporaryDirectory.with { directory in
            let source = "lavfi:testsrc2=size=160x90:rate=50"
            let streams =
                DaemonProcess.stream("tiled", source, "view: tiles") + DaemonProcess.stream("plain", source)
            try await DaemonProcess.with(streams, in: directory) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                // In either order.
                var started: [String: JSONValue] = [:]
                try await client.next("an event of each") { line in
                    for stream in ["tiled", "plain"] where line.isEvent("started", of: stream) {
                        started[stream] = line
                    }
                    return started.count == 2
                }
                let event = try #require(started["tiled"])
                #expect(["left", "middle", "right"].contains(event["part"]?.string))
                #expect(started["plain"]?["part"] == nil)
                try client.send(#"{"status":{}}"#)
                let status = try await client.next("the status") { $0.type == "status" }
                let entries = try #require(status["streams"]?.array)
                let tiled = try #require(entries.first { $0["stream"]?.string == "tiled" })
                let plain = try #require(entries.first { $0["stream"]?.string == "plain" })
                #expect(tiled["view"]?.string == "tiles" && plain["view"]?.string == "square")
                #expect(abs((tiled["seen"]?["share"]?.number ?? 0) - 1) < 1e-6)
                // 9 of 16, less what the model's whole pixels leave over.
                #expect(abs((plain["seen"]?["share"]?.number ?? 0) - 0.5625) < 0.01)
                let parts = try #require(tiled["seen"]?["parts"]?.array)
                #expect(parts.map { $0["part"]?.string } == ["left", "middle", "right"])
                for (part, x) in zip(parts, [0, 35.0 / 160, 70.0 / 160]) {
                    for (key, value) in [("x", x), ("y", 0), ("width", 0.5625), ("height", 1)] {
                        #expect(abs((part[key]?.number ?? -1) - value) < 1e-6, "\(part)")
                    }
                }
                // One event of the label is open, however many tiles see it.
                let open = (status["open"]?.array ?? []).filter { $0["stream"]?.string == "tiled" }
                #expect(open.count == 1)
                daemon.send(SIGTERM)
                let ended = try await client.next("its end") { $0.isEvent("ended", of: "tiled") }
                #expect(ended["id"] == event["id"] && ended["part"]?.string != nil)
                #expect(try await daemon.finish() == .exit(0))
            }
        }
    }

    @Test func anUnknownViewIsRefused() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write(ReplayTests.configuration("    view: tile\n"), to: "mine.yaml")
            let check = try await watchword(["check", "--config", file], in: directory)
            #expect(check.ending == .exit(78), "\(check)")
            #expect(
                check.errors.contains("mine.yaml:4:11: streams.hall.view is \"tile\", which is not one of the choices")
            )
            #expect(check.errors.contains("did you mean \"tiles\"?"), "\(check)")
            let arguments = ["recognise", ReplayTests.scene, "--label", "a dog", "--view", "all"]
            let recognise = try await watchword(arguments, in: directory)
            #expect(recognise.ending != .exit(0) && recognise.errors.contains("square, whole, tiles"), "\(recognise)")
        }
    }
}
