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
            let outcome = try await watchword(["eval", "--reuse", reuse, "--json"] + input, in: directory)
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
