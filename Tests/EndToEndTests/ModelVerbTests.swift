import Foundation
import TestSupport
import Testing

/// `model convert` and `model inspect` on a small model in the authors' format.
@Suite(.serialized) struct ModelVerbTests {
    @Test func theAuthorsFileBecomesAModelThatRuns() async throws {
        try await TemporaryDirectory.with { directory in
            let model = directory("model")
            // Away from the golden files' own config.json.
            try copyContents(of: Tree.authorsModel, to: directory("k400.pth"))
            let convert = ["model", "convert", directory("k400.pth"), model, "--tokenizer", Tree.tinyModel]
            let outcome = try await watchword(convert, in: directory)
            #expect(outcome.ending == .exit(0), "\(outcome)")
            #expect(outcome.output.contains("4 frames of 8×8, sizes read from the shapes"), "\(outcome)")

            try Data(#"{"window": "6.5s"}"#.utf8).write(to: URL(filePath: model + "/watchword.json"))
            let inspect = try await watchword(["model", "inspect", model, "--json"], in: directory)
            #expect(inspect.ending == .exit(0), "\(inspect)")
            let line = try JSONSerialization.jsonObject(with: Data(inspect.output.utf8)) as? [String: Any]
            let values = try #require(line)
            #expect(values["frames"] as? Int == 4 && values["image_size"] as? Int == 8)
            #expect(values["window_seconds"] as? Double == 6.5 && values["vocabulary"] as? Int == 640)
            #expect(values["dtypes"] as? [String: Int] == ["F32": 135])
            #expect(abs((values["logit_scale"] as? Double ?? 0) - 20.0855) < 1e-3)

            #expect(
                values["as_transformers"] as? Bool == true && values["processor"] as? String == "VideoMAEImageProcessor"
            )
            #expect((values["files"] as? [String])?.contains("preprocessor_config.json") == true, "\(inspect)")
            let words = "short side to 8 (bilinear), centre 8×8, × 1/255, mean 0.485 0.456 0.406, std 0.229 0.224 0.225"
            #expect(values["preprocessing"] as? String == words, "\(inspect)")
            #expect(
                (values["ignored_files"] as? [[String: String]])?.map { $0["name"] } == ["merges.txt", "vocab.json"]
            )

            let measured = try await watchword(["model", "inspect", model, "--measure"], in: directory)
            #expect(measured.output.contains("scores       as transformers scores it"), "\(measured)")
            #expect(measured.ending == .exit(0), "\(measured)")
            #expect(measured.output.contains("this machine carries"), "\(measured)")
            #expect(measured.output.contains("6.5 s, as watchword.json says"), "\(measured)")
        }
    }

    @Test func aFileThatIsNoModelIsOneLine() async throws {
        try await TemporaryDirectory.with { directory in
            let arguments = ["model", "convert", Tree.rtspServer, directory("out"), "--tokenizer", Tree.tinyModel]
            let outcome = try await watchword(arguments, in: directory)
            #expect(outcome.ending == .exit(1) && outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains(Tree.rtspServer), "\(outcome)")
            #expect(!FileManager.default.fileExists(atPath: directory("out")))
        }
    }
}
