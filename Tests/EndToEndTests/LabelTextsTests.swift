import Foundation
import TestSupport
import Testing
import Text

/// Labels with several texts and texts against them, in the programs that use them.
@Suite(.serialized) struct LabelTextsTests {
    private static let window = ["--window", "3s"]

    private func withClip(_ body: (TemporaryDirectory, String) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let source = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=6"
            try await ffmpeg("\(source) -c:v libx264 -pix_fmt yuv420p", to: directory("clip.mp4"), in: directory)
            try await body(directory, directory("clip.mp4"))
        }
    }

    private func configuration(_ labels: String, in directory: TemporaryDirectory) throws -> String {
        let stream = "  - {name: yard, url: ./live.mp4, labels: [\(labels)]}\n"
        return try directory.write("model: {path: \(Tree.tinyModel)}\nstreams:\n\(stream)", to: "mine.yaml")
    }

    private func objects(_ outcome: Outcome) throws -> [JSONValue] {
        try #require(outcome.ending == .exit(0), "\(outcome)")
        return try outcome.outputLines.map { try JSONValue(parsing: $0) }
    }

    /// The texts' own logits are those of `recognise` with each text as a label.
    @Test func theVerbShowsWhichTextCarriedTheScore() async throws {
        try await withClip { directory, clip in
            let texts = ["a dog", "a cat", "a red square"]
            let plain = ["recognise", clip, "--model", Tree.tinyModel, "--json"] + Self.window
            let alone = try objects(
                try await watchword(plain + texts.flatMap { ["--label", $0] }, in: directory)
            )
            let logits = try texts.map { text in
                try alone.map { try #require($0["logits"]?[text]?.number) }
            }
            let label = "{name: pet, text: [a dog, a cat], combine: max, against: [a red square]}"
            let config = ["--config", try configuration(label, in: directory)] + Self.window
            let scored = try objects(try await watchword(["recognise", clip, "--json"] + config, in: directory))
            let best = zip(logits[0], logits[1]).map { max($0, $1) }
            let pets = try scored.map { try #require($0["logits"]?["pet"]?.number) }
            #expect(pets.count == best.count && zip(pets, best).allSatisfy { abs($0 - $1) < 1e-4 }, "\(pets) \(best)")

            let reports = try objects(try await watchword(["labels", clip, "--json"] + config, in: directory))
            let report = try #require(reports.first)
            #expect(reports.count == 1 && report["label"]?.string == "pet" && report["combine"]?.string == "max")
            #expect(report["windows"]?.number == Double(best.count))
            let shown = (report["texts"]?.array ?? []) + (report["against"]?.array ?? [])
            #expect(shown.map { $0["text"]?.string } == texts)
            for (entry, own) in zip(shown, logits) {
                let mean = try #require(entry["mean_logit"]?.number)
                #expect(abs(mean - own.reduce(0, +) / Double(own.count)) < 1e-4)
                #expect(try abs(#require(entry["top_logit"]?.number) - (own.max() ?? 0)) < 1e-4)
            }
            // What a background text takes is the difference of the leads without it and with it.
            let unequal = ["recognise", clip, "--model", Tree.tinyModel, "--json", "--label", "a dog"] + Self.window
            let without = try objects(try await watchword(unequal, in: directory))
            let with = try objects(try await watchword(unequal + ["--background", "a cat"], in: directory))
            let lead = { (line: JSONValue) throws in
                let score = try #require(line["scores"]?["a dog"]?.number)
                return log(score) - log1p(-score)
            }
            let taken = try zip(without, with).map { try lead($0) - lead($1) }
            let study = [
                "labels", clip, "--model", Tree.tinyModel, "--json", "--label", "a dog", "--background", "a cat",
            ]
            let entry = try #require(
                try objects(try await watchword(study + Self.window, in: directory)).first?["background"]?.array?.first
            )
            #expect(entry["text"]?.string == "a cat" && taken.allSatisfy { $0 > -1e-6 })
            let mean = taken.reduce(0, +) / Double(taken.count)
            #expect(try abs(#require(entry["mean_taken"]?.number) - mean) < 1e-3, "\(entry) \(taken)")
            let dogs = zip(logits[0], logits[1]).count { $0 >= $1 }
            #expect(shown[0]["best"]?.number == Double(dogs) && shown[1]["best"]?.number == Double(best.count - dogs))
            #expect(shown[2]["above"]?.number == Double(zip(logits[2], best).count { $0 > $1 }))

            let people = try await watchword(["labels", clip] + config, in: directory)
            #expect(people.outputLines.first == "pet: 2 texts, the best counts", "\(people)")
            #expect(people.output.contains("against it") && people.output.contains("  a red square"), "\(people)")
        }
    }

    /// A softmax over the labels is the same with and without a background, and `labels` shows that the text takes nothing.
    @Test func whereOneLabelIsAlwaysTrueABackgroundTakesNothing() async throws {
        try await withClip { directory, clip in
            func scores(_ more: String) async throws -> (ofDog: [Double], config: [String]) {
                let labels = "a dog, a cat], scoring: exclusive\(more), neutral: [a wall"
                let config = ["--config", try configuration(labels, in: directory)] + Self.window
                let outcome = try await watchword(["recognise", clip, "--json"] + config, in: directory)
                return (try objects(outcome).map { try #require($0["scores"]?["a dog"]?.number) }, config)
            }
            let without = try await scores("").ofDog
            let (with, config) = try await scores(", background: [a red square]")
            #expect(!with.isEmpty && with.count == without.count)
            #expect(zip(with, without).allSatisfy { abs($0 - $1) < 1e-5 }, "\(with) \(without)")
            let reports = try objects(try await watchword(["labels", clip, "--json"] + config, in: directory))
            #expect(reports.count == 2 && reports.allSatisfy { $0["background"] == .array([]) }, "\(reports)")
        }
    }

    /// `recognise` and `replay` score the same label alike; a text against it takes score from it.
    @Test func aTextAgainstALabelTakesScore() async throws {
        try await withClip { directory, clip in
            func top(_ label: String) async throws -> [Double] {
                let config = ["--config", try configuration(label, in: directory)] + Self.window
                let outcome = try await watchword(["recognise", clip, "--json"] + config, in: directory)
                return try objects(outcome).map { try #require($0["scores"]?["a dog"]?.number) }
            }
            let plain = try await top("a dog")
            let opposed = try await top("{text: a dog, against: [a cat, a red square]}")
            #expect(!plain.isEmpty && zip(plain, opposed).allSatisfy { $1 < $0 }, "\(plain) \(opposed)")
        }
    }

    @Test func optionsThatDoNotGoTogetherAreRefused() async throws {
        try await TemporaryDirectory.with { directory in
            for arguments in [
                ["labels", "x.mp4"], ["labels", "x.mp4", "--label", "a", "--config", "c"],
                ["labels", "x.mp4", "--label", "a", "--stream", "s"],
                ["recognise", "x.mp4", "--config", "c", "--model", "m"],
            ] {
                let outcome = try await watchword(arguments, in: directory)
                #expect(outcome.ending == .exit(2), "\(arguments): \(outcome)")
            }
        }
    }

    private func stream(_ label: String) -> String {
        """
          - name: yard
            url: \(DaemonProcess.picture)
            open_timeout: 600s
            stall_timeout: 600s
            window: 400ms
            threshold: 0
            release: 0
            min_duration: 0s
            cooldown: 0s
            labels: [\(label)]

        """
    }

    /// The daemon: events and states carry the label's name, the status has its texts, the log what the model does not read,
    /// at the start and after a reload, which takes new texts.
    @Test func theDaemonWatchesForALabelWithSeveralTexts() async throws {
        try await TemporaryDirectory.with { directory in
            let first = stream("{name: pet, text: [a dog, they’re cats], combine: max, against: [a red square]}")
            try await DaemonProcess.with(first, in: directory) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                let started = try await client.next("an event") { $0.isEvent("started", of: "yard") }
                #expect(started["label"]?.string == "pet" && started["text"]?.string == "a dog", "\(started)")
                let answer = try await watchword(["status", "--socket", directory.socket, "--json"], in: directory)
                let status = try JSONValue(parsing: answer.output)
                let label = try #require(status["streams"]?.array?.first?["labels"]?.array?.first)
                #expect(label["texts"]?.array?.compactMap(\.string) == ["a dog", "they’re cats"], "\(label)")
                #expect(label["combine"]?.string == "max")
                #expect(label["against"]?.array?.compactMap(\.string) == ["a red square"])
                try await eventually("the warning") { daemon.errors.contains("write \"they're cats\"") }

                try DaemonProcess.configuration(stream("{name: pet, text: [a dog, it’s a cat]}"), in: directory)
                daemon.send(SIGHUP)
                let ended = try await client.next("the end") { $0.isEvent("ended", of: "yard") }
                #expect(ended["end_reason"]?.string == "config_changed" && ended["label"]?.string == "pet")
                try await client.next("another start") { $0.isEvent("started", of: "yard") }
                try await eventually("the warning") { daemon.errors.contains("write \"it's a cat\"") }

                try DaemonProcess.configuration(stream("{name: pet, text: [a dog, A  DOG]}"), in: directory)
                daemon.send(SIGHUP)
                try await eventually("the refusal") { daemon.errors.contains("is the same as \"a dog\"") }
                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
            }
        }
    }

    /// A list whose videos show several things: mean average precision, also after a resume.
    @Test func aListOfSeveralClassesHasAMeanAveragePrecision() async throws {
        try await TemporaryDirectory.with { directory in
            let lines = try String(contentsOfFile: Tree.dataSet + "/list.txt", encoding: .utf8).split(separator: "\n")
            let list = try directory.write(
                lines.enumerated().map { $0 < 2 ? "\($1) 6" : "\($1)" }.joined(separator: "\n"),
                to: "list.txt"
            )
            let results = directory("results")
            let arguments =
                ["eval", "--model", Tree.tinyModel, "--data", list, "--classes", Tree.dataSet + "/classes.csv"]
                + ["--root", Tree.dataSet, "--results", results, "--json"]
            let whole = try #require(try objects(try await watchword(arguments, in: directory)).first)
            let precision = try #require(whole["map"]?.number)
            #expect((0...1).contains(precision) && whole["class_mean"] == nil, "\(whole)")
            let again = try #require(try objects(try await watchword(arguments, in: directory)).first)
            #expect(again["map"]?.number == precision && again["top1"] == whole["top1"])
            let confusion = try await watchword(arguments + ["--confusion", directory("m.csv")], in: directory)
            #expect(confusion.ending == .exit(1) && confusion.errors.contains("leave out --confusion"), "\(confusion)")
        }
    }
}
