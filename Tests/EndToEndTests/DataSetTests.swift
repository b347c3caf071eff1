import Foundation
import Testing
import Text

/// `watchword eval --data` on a small data set, held against what PyTorch made of it (Tests/Reference/dataset.py).
@Suite(.serialized) struct DataSetTests {
    struct Expected: Decodable {
        var runs: [Run]
    }

    struct Run: Decodable {
        var views: String
        var preprocessing: String
        var reuse: String
        var top1: Double
        var top5: Double
        var videos: [Video]
    }

    struct Video: Decodable {
        var path: String
        var ranked: [Int]
        var scores: [Double]
    }

    private static let list = Tree.dataSet + "/list.txt"
    private static let classes = ["--classes", Tree.dataSet + "/classes.csv"]

    private func eval(_ arguments: [String], in directory: TemporaryDirectory) async throws -> Outcome {
        try await watchword(["eval", "--model", Tree.tinyModel, "--json"] + arguments, in: directory)
    }

    private func objects(_ text: String) throws -> [JSONValue] {
        try text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }

    @Test func itsFigureIsPyTorchs() async throws {
        let expected = try JSONDecoder().decode(
            Expected.self,
            from: Data(contentsOf: URL(filePath: Tree.dataSet + "/expected.json"))
        )
        #expect(expected.runs.count == 5)
        try await TemporaryDirectory.with { directory in
            for (index, run) in expected.runs.enumerated() {
                let results = directory("results-\(index)")
                let options =
                    ["--views", run.views, "--preprocessing", run.preprocessing, "--reuse", run.reuse]
                    + ["--precision", "float32"]
                let outcome = try await eval(
                    ["--data", Self.list, "--results", results] + Self.classes + options,
                    in: directory
                )
                let report = try #require(try objects(outcome.output).first, "\(outcome)")
                #expect(report["top1"]?.number == run.top1 && report["top5"]?.number == run.top5, "\(report)")
                #expect(report["videos"]?.number == Double(run.videos.count) && outcome.errors.isEmpty, "\(outcome)")
                let lines = try objects(String(contentsOf: URL(filePath: results), encoding: .utf8)).dropFirst()
                for video in run.videos {
                    let line = try #require(lines.first { $0["path"]?.string == video.path })
                    #expect(line["ranked"]?.array?.compactMap { $0.number } == video.ranked.map(Double.init))
                    let scores = try #require(line["scores"]?.array?.compactMap { $0.number })
                    for (ours, theirs) in zip(scores, video.scores) {
                        #expect(abs(ours - theirs) < 1e-5, "\(video.path) \(options): \(ours), PyTorch \(theirs)")
                    }
                }
            }
        }
    }

    @Test func anEvaluationThatWasEndedGoesOn() async throws {
        try await TemporaryDirectory.with { directory in
            let results = directory("results")
            let arguments = ["--data", Self.list, "--results", results] + Self.classes
            let whole = try objects(try await eval(arguments, in: directory).output)
            let lines = try String(contentsOf: URL(filePath: results), encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 9)
            // Ended in the middle of a line.
            let torn = lines.prefix(4).joined(separator: "\n") + "\n" + lines[4].prefix(20)
            try directory.write(torn, to: "results")
            let rest = try objects(try await eval(arguments, in: directory).output)
            #expect(rest.first?["top1"] == whole.first?["top1"] && rest.first?["mistakes"] == whole.first?["mistakes"])
            let again = try String(contentsOf: URL(filePath: results), encoding: .utf8).split(separator: "\n")
            #expect(again.prefix(4) == lines.prefix(4) && again.count == 9 && Set(again) == Set(lines))

            let other = try await eval(arguments + ["--views", "2x1"], in: directory)
            #expect(other.ending == .exit(1) && other.errors.contains("results of another evaluation"), "\(other)")
            let foreign = try directory.write("# my notes", to: "notes")
            let notes = try await eval(["--data", Self.list, "--results", foreign] + Self.classes, in: directory)
            #expect(notes.ending == .exit(1) && notes.errors.contains("something else than results"), "\(notes)")
            #expect(try String(contentsOf: URL(filePath: foreign), encoding: .utf8) == "# my notes")
        }
    }

    /// The same paths, but other weights or other videos behind them.
    @Test func anotherModelOrRootDoesNotGoOn() async throws {
        try await TemporaryDirectory.with { directory in
            let (model, root) = (directory("model"), directory("videos"))
            try FileManager.default.copyItem(atPath: Tree.tinyModel, toPath: model)
            try FileManager.default.copyItem(atPath: Tree.dataSet, toPath: root)
            let results = directory("results")
            func eval(root: String) async throws -> Outcome {
                let arguments = ["--data", Self.list, "--root", root, "--results", results] + Self.classes
                return try await watchword(["eval", "--model", model, "--json"] + arguments, in: directory)
            }
            let first = try await eval(root: Tree.dataSet)
            #expect(first.ending == .exit(0), "\(first)")
            let written = try String(contentsOf: URL(filePath: results), encoding: .utf8)
            let slash = try await eval(root: Tree.dataSet + "/")
            #expect(slash.ending == .exit(0), "the same directory: \(slash)")

            let moved = try await eval(root: root)
            #expect(moved.ending == .exit(1) && moved.errors.contains("results of another evaluation"), "\(moved)")

            let weights = URL(filePath: model + "/model.safetensors")
            var bytes = try Data(contentsOf: weights)
            let lowest = bytes.index(bytes.endIndex, offsetBy: -4)
            bytes[lowest] ^= 1
            try FileManager.default.removeItem(at: weights)
            try bytes.write(to: weights)
            let trained = try await eval(root: Tree.dataSet)
            #expect(
                trained.ending == .exit(1) && trained.errors.contains("results of another evaluation"),
                "\(trained)"
            )
            #expect(moved.errorLines.count == 1 && trained.errorLines.count == 1)
            #expect(try String(contentsOf: URL(filePath: results), encoding: .utf8) == written)
        }
    }

    /// Earlier versions did not write which weights and which directory the results are of.
    @Test func resultsOfAnEarlierVersionDoNotGoOn() async throws {
        try await TemporaryDirectory.with { directory in
            let results = directory("results")
            let arguments = ["--data", Self.list, "--results", results] + Self.classes
            let first = try await eval(arguments, in: directory)
            #expect(first.ending == .exit(0), "\(first)")
            let written = try String(contentsOf: URL(filePath: results), encoding: .utf8)
            let old = written.replacing(#/,"model_digest":"[^"]*"/#, with: "").replacing(
                #/,"roots":\[[^\]]*\]/#,
                with: ""
            )
            #expect(old.count < written.count - 64)
            try directory.write(old, to: "results")
            let again = try await eval(arguments, in: directory)
            #expect(again.ending == .exit(1) && again.errors.contains("of an earlier version"), "\(again)")
            #expect(again.errorLines.count == 1)
        }
    }

    @Test func splitsAreAveragedAndWhatCannotBeReadIsTold() async throws {
        try await TemporaryDirectory.with { directory in
            try Data("no video".utf8).write(to: URL(filePath: directory("broken.mkv")))
            let clip = Tree.dataSet + "/0.mkv"
            let first = try directory.write("path,label\n\(clip),rain\n\(clip),\"a dog, wet\"\n", to: "first.csv")
            let second = try directory.write("path,label\n\(clip),rain\nbroken.mkv,rain\n", to: "second.csv")
            let confusion = directory("confusion.csv")
            let outcome = try await eval(["--data", first, "--data", second], in: directory)
            #expect(outcome.ending == .exit(0) && outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("broken.mkv"), "\(outcome)")
            let reports = try objects(outcome.output)
            #expect(reports.map { $0["type"]?.string } == ["classification", "classification", "classification_mean"])
            #expect(reports[0]["top1"]?.number == 0.5 && reports[1]["unreadable"]?.number == 1)
            let alone = try #require(reports[1]["top1"]?.number)
            #expect(reports[2]["top1"]?.number == (0.5 + alone) / 2)

            let matrix = try await eval(["--data", first, "--confusion", confusion], in: directory)
            #expect(matrix.ending == .exit(0), "\(matrix)")
            let rows = try String(contentsOf: URL(filePath: confusion), encoding: .utf8).split(separator: "\n")
            #expect(rows.first == #""class","rain","a dog, wet""#)
            #expect(Set(rows.dropFirst().map { $0.suffix(4) }).count == 1, "both are taken for the same: \(rows)")
        }
    }

    @Test func damageIsToldAndTheRestCounts() async throws {
        try await TemporaryDirectory.with { directory in
            let source = "-f lavfi -i testsrc2=size=96x64:rate=10:duration=4 -c:v mjpeg"
            try await ffmpeg(source, to: directory("clip.avi"), in: directory)
            var bytes = try Data(contentsOf: URL(filePath: directory("clip.avi")))
            // The picture in the middle: what says that it is a JPEG, and all after that.
            let middle = bytes.count / 2
            let start = try #require(bytes.range(of: Data([0xFF, 0xD8, 0xFF]), in: middle..<bytes.count)).lowerBound
            for index in start..<start + 600 { bytes[index] = 0 }
            try bytes.write(to: URL(filePath: directory("clip.avi")))
            let list = try directory.write("path,label\nclip.avi,rain\n", to: "list.csv")
            let outcome = try await eval(["--data", list], in: directory)
            #expect(outcome.ending == .exit(0) && outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("clip.avi is damaged: 1 packets or pictures"), "\(outcome)")
            #expect(try objects(outcome.output).first?["videos"]?.number == 1)
        }
    }

    @Test func whatIsWrongIsSaidBeforeTheFirstVideo() async throws {
        try await TemporaryDirectory.with { directory in
            let lost = try directory.write("path,label\nnone.mp4,rain\n", to: "lost.csv")
            let missing = try await eval(["--data", lost], in: directory)
            #expect(missing.ending == .exit(1) && missing.errors.contains("there is no video"), "\(missing)")
            let list = ["--data", Self.list, "--results", directory("results")] + Self.classes
            for place in [directory("none/confusion.csv"), directory.path] {
                let unwritable = try await eval(list + ["--confusion", place], in: directory)
                #expect(unwritable.ending == .exit(1), "\(unwritable)")
                #expect(unwritable.errors.contains("cannot write \(place)"), "\(unwritable)")
            }
            #expect(!FileManager.default.fileExists(atPath: directory("results")), "no video was scored")
            let numbered = try directory.write("0.mkv 9\n", to: "numbered.txt")
            let beyond = try await eval(["--data", numbered] + Self.classes, in: directory)
            #expect(beyond.errors.contains("\(numbered):1:1: there is no class 9; the classes are 0 to 6"), "\(beyond)")
            for arguments in [
                ["--data", lost, "--views", "4x2"], ["--data", lost, "--threshold", "0.5"], ["--views", "4x3"],
                ["--data", lost, "--label", "x"], ["--data", lost, "--events", "a", "--truth", "b"],
            ] {
                let outcome = try await eval(arguments, in: directory)
                #expect(outcome.ending == .exit(2), "\(arguments): \(outcome)")
            }
        }
    }
}
