import Foundation
import Testing
import Text

/// The model that comes with the program, on a drawn stream of textures and randomness that its training never saw. The
/// stream was picked as one on which it does well: the test guards what there is, it is no measure of the model.
@Suite(.serialized) struct EmbeddedModelTests {
    @Test(arguments: ["exact", "sweep", "cached"])
    func itTellsLightAndCameraTrouble(reuse: String) async throws {
        try await TemporaryDirectory.with { directory in
            let stream = Tree.streams + "/camera"
            let input = ["--events", stream + ".mp4", "--truth", stream + ".csv", "--label", "the picture goes black"]
            // The stream was picked by the square in its middle.
            let outcome = try await watchword(
                ["eval", "--reuse", reuse, "--view", "square", "--json"] + input,
                in: directory
            )
            #expect(outcome.ending == .exit(0), "\(outcome)")
            let report = try JSONValue(parsing: try #require(outcome.outputLines.first))
            let total = try #require(report["total"])
            #expect(total["truth_events"]?.integer == 5, "\(report)")
            // One of the five missed, or one said falsely.
            #expect(total["f1"]?.number ?? 0 > 0.88, "\(report)")
            #expect(total["onset_f1"]?.number ?? 0 > 0.88, "\(report)")
            #expect(total["delay_p95"]?.number ?? 9 < 3, "\(report)")
        }
    }

    /// Without a background, a score is the lead over the mean of the model's own neutral texts. Sentences that do not apply
    /// then never raise it.
    @Test func aBackgroundOnlyTakesScore() async throws {
        let label = "the camera pans to the left"
        let background = [
            "the camera pans to the right", "the camera tilts up", "the camera tilts down", "the camera zooms in",
            "the camera zooms out", "a person walks by", "a car drives by", "leaves move in the wind",
        ]
        let file = try Data(contentsOf: URL(filePath: Tree.model + "/watchword.json"))
        let neutral = try #require(JSONValue(parsing: String(decoding: file, as: UTF8.self))["neutral"]?.array)
            .compactMap(\.string)
        try await TemporaryDirectory.with { directory in
            let clip = directory("pan.mkv")
            try await ffmpeg(
                "-f lavfi -i testsrc2=size=512x128:rate=8:duration=8 -vf crop=128:128:384-32*t:0 -c:v ffv1",
                to: clip,
                in: directory
            )
            func decisions(_ options: [String]) async throws -> [JSONValue] {
                let outcome = try await watchword(["recognise", clip, "--json"] + options, in: directory)
                #expect(outcome.ending == .exit(0), "\(outcome)")
                return try outcome.outputLines.map { try JSONValue(parsing: $0) }
            }
            func scores(_ options: [String]) async throws -> [Double] {
                try await decisions(["--label", label] + options).compactMap { $0["scores"]?[label]?.number }
            }
            let all = try await decisions(([label] + neutral).flatMap { ["--label", $0] })
            var before = try await scores([])
            #expect(before.count > 4 && before.count == all.count)
            for (decision, score) in zip(all, before) {
                let odds = try ([label] + neutral).map { exp(try #require(decision["logits"]?[$0]?.number)) }
                let lead = odds[0] / (odds.dropFirst().reduce(0, +) / Double(neutral.count))
                #expect(abs(score - lead / (1 + lead)) < 1e-4)
            }
            for count in [1, 4, background.count] {
                let after = try await scores(background.prefix(count).flatMap { ["--background", $0] })
                #expect(after.count == before.count && zip(before, after).allSatisfy { $1 <= $0 + 1e-5 })
                before = after
            }
        }
    }

    @Test func itIsFoundByItsNameAndSmall() async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await watchword(["model", "inspect", "embedded", "--json"], in: directory)
            #expect(outcome.ending == .exit(0), "\(outcome)")
            let files = FileManager.default.enumerator(atPath: Tree.model)
            var bytes = 0
            while let name = files?.nextObject() as? String {
                let attributes = try FileManager.default.attributesOfItem(atPath: Tree.model + "/" + name)
                bytes += attributes[.size] as? Int ?? 0
            }
            #expect(bytes > 1_000_000 && bytes <= 12_000_000)
        }
    }
}
