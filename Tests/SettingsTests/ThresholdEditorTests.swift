import ConfigurationText
import Foundation
import Testing
import Text

@testable import Settings

/// Edits of the configuration's text, and `patch` with their diff.
@Suite struct ThresholdEditorTests {
    private static let file = "mine.yaml"

    private func edit(_ labels: String, label: Int = 0, threshold: Double = 0.72, release: Double = 0.48) -> (
        text: String, refused: Bool, original: String
    ) {
        let original =
            "streams:\n  - name: other\n    url: /dev/video1\n    labels: [a cat]\n"
            + "  - name: yard\n    url: /dev/video0\n    labels:" + labels
        let editor = ThresholdEditor(stream: "yard", file: Self.file) { text in
            try? Configuration.decode(text, file: Self.file, environment: ["HIGH": "0.9"])
        }
        let change = ThresholdEditor.Change(label: label, threshold: threshold, release: release)
        let (text, refused) = editor.apply([change], to: original)
        return (text, !refused.isEmpty, original)
    }

    private static let cases: [(labels: String, label: Int, edited: String)] = [
        // A plain text in a list.
        (
            "\n      - a dog runs   # the neighbour's\n      - a cat\n", 0,
            "\n      - text: a dog runs   # the neighbour's\n        threshold: 0.72\n        release: 0.48\n      - a cat\n"
        ),
        ("\n    - \"a dog: runs\"\n", 0, "\n    - text: \"a dog: runs\"\n      threshold: 0.72\n      release: 0.48\n"),
        // In a flow list.
        (
            " [a dog, 'it''s a cat']  # two\n", 1,
            " [a dog, {text: 'it''s a cat', threshold: 0.72, release: 0.48}]  # two\n"
        ),
        (" [a dog, a cat]\n", 0, " [{text: a dog, threshold: 0.72, release: 0.48}, a cat]\n"),
        // Labels of signals do not count.
        (
            " [signal:dark, {text: 'signal:blank'}, a dog]\n", 0,
            " [signal:dark, {text: 'signal:blank'}, {text: a dog, threshold: 0.72, release: 0.48}]\n"
        ),
        // A mapping in braces, with and without values of its own.
        (
            "\n      - {name: fall, text: a person falls, threshold: 0.7}   # careful\n", 0,
            "\n      - {name: fall, text: a person falls, threshold: 0.72, release: 0.48}   # careful\n"
        ),
        (
            "\n      - {name: fall, text: \"a } person # falls\" }\n", 0,
            "\n      - {name: fall, text: \"a } person # falls\", threshold: 0.72, release: 0.48 }\n"
        ),
        (
            "\n      - {name: fall,\n         release: 0.2, text: a person falls}\n", 0,
            "\n      - {name: fall,\n         release: 0.48, text: a person falls, threshold: 0.72}\n"
        ),
        // A mapping in lines.
        (
            "\n      - name: fall\n        text: a person falls  # down\n        hold: 3s\n      - a cat\n", 0,
            "\n      - name: fall\n        text: a person falls  # down\n        threshold: 0.72\n        release: 0.48\n"
                + "        hold: 3s\n      - a cat\n"
        ),
        (
            "\n      - text: a person falls\n        threshold: 0.9   # was 0.6\n        release: 0.5\n", 0,
            "\n      - text: a person falls\n        threshold: 0.72   # was 0.6\n        release: 0.48\n"
        ),
        // No line feed at the end; carriage returns.
        ("\n      - a dog", 0, "\n      - text: a dog\n        threshold: 0.72\n        release: 0.48"),
        ("\r\n      - a dog\r\n", 0, "\r\n      - text: a dog\r\n        threshold: 0.72\r\n        release: 0.48\r\n"),
    ]

    @Test(arguments: cases.indices)
    func allElseStays(number: Int) throws {
        let (labels, label, edited) = Self.cases[number]
        let outcome = edit(labels, label: label)
        #expect(!outcome.refused)
        #expect(outcome.text == outcome.original.replacing(labels, with: edited), "\(outcome.text)")
    }

    /// A label that cannot be edited line by line, or that is set elsewhere, stays and is refused.
    @Test(arguments: [
        "\n      - a dog\n        runs about\n",
        "\n      - {text: a dog, threshold: \"${HIGH}\"}\n",
        "\n      - {text: a dog, threshold: ${HIGH}}\n",
    ])
    func whatCannotBeEditedStays(labels: String) {
        let outcome = edit(labels)
        #expect(outcome.refused)
        #expect(outcome.text == outcome.original)
    }

    /// `patch` turns the old text into the new one, for many edits, far apart and close together.
    @Test func patchAppliesTheDiff() throws {
        let old = (1...60).map { "line \($0)" }
        var cases: [(String, String)] = Self.cases.map { entry in
            let outcome = edit(entry.labels, label: entry.label)
            return (outcome.original, outcome.text)
        }
        for seed in 0..<20 {
            var new = old
            for step in 0..<(1 + seed % 5) {
                let place = (seed * 37 + step * 23) % new.count
                switch (seed + step) % 3 {
                case 0: new[place] += " changed"
                case 1: new.insert("new \(seed).\(step)", at: place)
                default: new.remove(at: place)
                }
            }
            cases.append(
                (old.joined(separator: "\n") + "\n", new.joined(separator: "\n") + (seed % 2 == 0 ? "\n" : ""))
            )
        }
        cases.append(("", "a\nb\n"))
        for (before, after) in cases {
            let diff = UnifiedDiff.text(from: before, to: after, name: "mine.yaml")
            #expect(try patched(before, diff) == after, "\(diff)")
        }
        #expect(UnifiedDiff.text(from: "a\n", to: "a\n", name: "x").isEmpty)
    }

    /// Wherever the lines with a password are, the diff has none of them, and `patch` makes the new text of it.
    @Test func hiddenLinesAreNoContext() throws {
        let isHidden = { (line: Substring) in line.contains("secret") }
        for seed in 0..<60 {
            let places = Set((0..<(1 + seed % 4)).map { (seed * 13 + $0 * 7) % 24 })
            let old = (0..<24).map { places.contains($0) ? "url: rtsp://admin:secret\($0)@cam" : "line \($0)" }
            var new: [String] = []
            for (index, line) in old.enumerated() {
                let isChanged = (index * 5 + seed * 3) % 7 == 0 && !places.contains(index)
                switch isChanged ? (seed + index) % 3 : -1 {
                case 0: new.append(line + " changed")
                case 1: new += [line, "threshold: \(index)", "release: \(index)"]
                case 2: break
                default: new.append(line)
                }
            }
            let (before, after) = (old.joined(separator: "\n") + "\n", new.joined(separator: "\n") + "\n")
            let diff = UnifiedDiff.text(from: before, to: after, name: "mine.yaml", hides: isHidden)
            #expect(!diff.contains("secret") && diff.isEmpty == (before == after), "\(diff)")
            if before == after { continue }
            #expect(try patched(before, diff) == after, "\(diff)")
        }
    }

    /// Between a text and a password, two lines are inserted. In a file that has changed since, they still come after their text.
    @Test func anInsertionBesideAHiddenLineFindsItsPlace() throws {
        let before = "labels:\n  - text: a dog\nurl: rtsp://admin:secret@cam\n"
        let after = before.replacing("a dog\n", with: "a dog\n    threshold: 0.7\n")
        let diff = UnifiedDiff.text(from: before, to: after, name: "mine.yaml") { $0.contains("secret") }
        #expect(!diff.contains("secret"))
        #expect(try patched("# a\n# new head\n" + before, diff) == "# a\n# new head\n" + after, "\(diff)")
    }

    /// What `patch` makes of a text.
    private func patched(_ text: String, _ diff: String) throws -> String {
        let directory = NSTemporaryDirectory() + "watchword-diff-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = directory + "/mine.yaml"
        try Data(text.utf8).write(to: URL(filePath: file))
        try Data(("# what stands before it is passed over\n" + diff).utf8).write(
            to: URL(filePath: directory + "/new.diff")
        )
        let patch = Process()
        patch.executableURL = URL(filePath: "/usr/bin/patch")
        patch.arguments = ["--quiet", "--binary", "--fuzz=0", file, directory + "/new.diff"]
        try patch.run()
        patch.waitUntilExit()
        #expect(patch.terminationStatus == 0, "\(diff)")
        return try String(contentsOfFile: file, encoding: .utf8)
    }
}
