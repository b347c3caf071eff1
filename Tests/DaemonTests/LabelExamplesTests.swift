import ConfigurationText
import Foundation
import Testing

@testable import Daemon
@testable import Models
@testable import Settings

/// `examples:` of a label: what is read, what is refused, and what a reload notices.
@Suite struct LabelExamplesTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "watchword-examples-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, content) in [("tip1.mp4", "one"), ("tip2.mp4", "two"), ("twin.mp4", "one")] {
            try Data(content.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        try body(folder)
    }

    private static func configuration(_ examples: String, before: String = "") -> String {
        "\(before)streams:\n  - name: yard\n    url: /dev/video0\n    labels:\n"
            + "      - {name: tip, text: it tips over, examples: \(examples)}\n      - a cat\n"
    }

    private static func decode(_ examples: String, in folder: String, before: String = "") throws -> Configuration {
        try Configuration.decode(configuration(examples, before: before), file: folder + "/mine.yaml")
    }

    @Test func pathsCountFromTheConfigurationFile() throws {
        try Self.withFolder { folder in
            let configuration = try Self.decode("[tip1.mp4, \(folder)/tip2.mp4]", in: folder)
            let clips = try #require(configuration.streams.first?.labels.first?.examples)
            #expect(clips.map(\.path) == ["\(folder)/tip1.mp4", "\(folder)/tip2.mp4"])
            // sha256sum's.
            #expect(clips[0].digest == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed")
            #expect(configuration.streams[0].labels[1].examples.isEmpty)
            #expect(
                configuration.report.contains(
                    "streams.yard.labels[1].examples = tip1.mp4, \(folder)/tip2.mp4   (mine.yaml:5)"
                )
            )
        }
    }

    @Test(arguments: [
        (
            "[tip1.mp4, none.mp4]",
            "labels[1].examples[2] \"none.mp4\" does not exist; check the path; it is relative to"
        ),
        ("[tip1.mp4]", "labels[1].examples has 1 clip; give 2 to 64"),
        ("[]", "labels[1].examples has 0 clips; give 2 to 64"),
        ("tip1.mp4", "labels[1].examples must be a list, not a single value; write it like [clip1.mp4, clip2.mp4]"),
        ("[tip1.mp4, twin.mp4]", "labels[1].examples[2] \"twin.mp4\" has the same content as"),
        ("[tip1.mp4, .]", "labels[1].examples[2] \".\" is not a regular file; name a video file"),
        ("[tip1.mp4, {a: b}]", "labels[1].examples[2] must be a text, not a mapping"),
    ])
    func whatIsWrongHasItsPlace(examples: String, message: String) throws {
        try Self.withFolder { folder in
            do {
                _ = try Self.decode(examples, in: folder)
                Issue.record("\(examples) is taken")
            } catch let error as ConfigurationError {
                #expect(error.diagnostics.count == 1)
                #expect("\(error)".hasPrefix("\(folder)/mine.yaml:5:"), "\(error)")
                #expect("\(error)".contains("streams.yard.\(message)"), "\(error)")
            }
        }
    }

    /// A clip that holds something else makes it another stream; lines that moved do not.
    @Test func aReloadSeesWhatTheClipsHold() throws {
        try Self.withFolder { folder in
            let before = try Self.decode("[tip1.mp4, tip2.mp4]", in: folder).streams
            let moved = try Self.decode("[tip1.mp4, tip2.mp4]", in: folder, before: "# a line\n").streams
            #expect(StreamChanges(from: before, to: moved).names(.kept) == ["yard"])
            let other = try Self.decode("[tip2.mp4, tip1.mp4]", in: folder).streams
            #expect(StreamChanges(from: before, to: other).names(.replaced) == ["yard"])
            try Data("three".utf8).write(to: URL(filePath: folder + "/tip2.mp4"))
            let anew = try Self.decode("[tip1.mp4, tip2.mp4]", in: folder).streams
            #expect(StreamChanges(from: before, to: anew).names(.replaced) == ["yard"])
        }
    }

    @Test func theCacheLiesWhereTheServiceMayWrite() {
        #expect(
            ExampleCache.directory(["STATE_DIRECTORY": "/var/lib/watchword", "HOME": "/h"])
                == "/var/lib/watchword/examples"
        )
        #expect(ExampleCache.directory(["CACHE_DIRECTORY": "/c:/d", "STATE_DIRECTORY": "/s"]) == "/c/examples")
        #expect(ExampleCache.directory(["XDG_CACHE_HOME": "/x", "HOME": "/h"]) == "/x/watchword/examples")
        #expect(ExampleCache.directory(["XDG_CACHE_HOME": "x", "HOME": "/h"]) == "/h/.cache/watchword/examples")
        #expect(ExampleCache.directory([:]) == nil)
    }
}
