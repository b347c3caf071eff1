import Foundation
import TestSupport
import Testing

@testable import Offline
@testable import Tuning

/// Patches of a file with passwords: these are in no diff, which goes to terminals and into files that others may read.
@Suite struct ProposedPatchTests {
    private let directory: TemporaryDirectory
    private let file: String

    init() throws {
        directory = try TemporaryDirectory()
        file = directory.path + "/mine.yaml"
    }

    /// One threshold for each label of the stream.
    private func patch(_ text: String, labels: Int) throws -> ProposedPatch {
        try Data(text.utf8).write(to: URL(filePath: file))
        return try ProposedPatch(
            (0..<labels).map { (label: $0, threshold: 0.97, release: 0.5) },
            to: file,
            stream: "yard",
            environment: ["CAMERA": "canary-of-the-environment"]
        )
    }

    /// What `patch` makes of the file.
    private func patched(_ diff: String) throws -> String {
        try Data(diff.utf8).write(to: URL(filePath: directory.path + "/new.diff"))
        let patch = Process()
        patch.executableURL = URL(filePath: "/usr/bin/patch")
        patch.arguments = ["--quiet", "--fuzz=0", file, directory.path + "/new.diff"]
        try patch.run()
        patch.waitUntilExit()
        #expect(patch.terminationStatus == 0, "\(diff)")
        return try String(contentsOfFile: file, encoding: .utf8)
    }

    @Test func aDiffHasNoPasswordAndIsAPatch() throws {
        let text = """
            streams:
              - name: door
                url: rtsp://admin:canary@door/1?token=canary
                labels: [a man]
              - name: yard
                url: rtsp://admin:canary@cam/1
                labels:
                  - a dog runs
                  - {text: a cat, threshold: 0.9, release: 0.6}
                  - text: a fox
                    threshold: 0.9
                    release: 0.6
            webhooks:
              - secret: whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5
                name: hook
                url: https://hook.example/in

            """
        let proposed = try patch(text, labels: 3)
        #expect(proposed.refused.isEmpty)
        for secret in ["canary", "admin", "whsec"] { #expect(!proposed.diff.contains(secret), "\(proposed.diff)") }
        #expect(
            proposed.diff.contains("\n     labels:\n") && proposed.diff.contains("\n webhooks:\n"),
            "\(proposed.diff)"
        )
        let rules = "threshold: 0.97, release: 0.5"
        let wanted =
            text.replacing("- a dog runs", with: "- text: a dog runs\n        threshold: 0.97\n        release: 0.5")
            .replacing("threshold: 0.9, release: 0.6", with: rules)
            .replacing("threshold: 0.9\n        release: 0.6", with: "threshold: 0.97\n        release: 0.5")
        #expect(try patched(proposed.diff) == wanted, "\(proposed.diff)")
    }

    /// A file spells it as YAML's quotes want.
    @Test(arguments: ["'four''ever'", #""four\"ever""#, #""four\\ever""#]) func aPasswordInQuotesIsHidden(
        written: String
    ) throws {
        let text = """
            streams:
              - name: yard
                url: rtsp://cam/1
                labels:
                  - a dog
            mqtt:
              password: \(written)
              username: w
              url: mqtts://broker.local

            """
        let proposed = try patch(text, labels: 1)
        #expect(proposed.refused.isEmpty && proposed.diff.contains("- a dog"))
        #expect(!proposed.diff.contains("four"), "\(proposed.diff)")
    }

    /// Where the edit itself would show the password, the values are left to the owner.
    @Test func aLabelOnTheLineOfAPasswordIsRefused() throws {
        let text = """
            streams:
              - {name: yard, url: "rtsp://admin:canary@cam/1", labels: [a dog, a cat]}
              - {name: door, url: "rtsp://${CAMERA}@door/1", labels: [a man]}

            """
        let proposed = try patch(text, labels: 2)
        #expect(proposed.refused == [0, 1] && proposed.diff.isEmpty)
        let notes = proposed.notes(of: [(label: 0, threshold: 0.97, release: 0.5)]) { _ in "a dog" }
        #expect(notes.count == 1 && notes[0].contains("set threshold: 0.97 and release: 0.5 there by hand"))
    }
}
