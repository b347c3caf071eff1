import ConfigurationText
import Foundation
import Models
import Testing
import TestSupport

@testable import Settings

@Suite("Configuration: files")
struct ConfigurationFileTests {
    static let shipped = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Config").standardizedFileURL.path

    static func error(_ path: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration.load(path: path, environment: [:])
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    @Test func whatCannotBeRead() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/w.yaml"
        #expect(Self.error(path) == ["\(path): the file does not exist; create it or check the path"])
        #expect(
            Self.error(directory.path) == ["\(directory.path): the file is a directory; name the file in it"]
        )
        #expect(
            Self.error("/dev/null") == ["/dev/null: the file is not a regular file; name a regular file"]
        )
        try directory.write(String(repeating: "#", count: (1 << 20) + 1), to: "w.yaml")
        #expect(
            Self.error(path) == ["\(path): the file is larger than 1024 KiB; check that it is the right file"]
        )
        try Data("a: b\ncé: \u{FF}".utf8.dropLast(2) + [0xFF, 0x20]).write(to: URL(filePath: path))
        #expect(Self.error(path) == ["\(path):2:5: the file is not UTF-8 here; save the file in UTF-8"])
    }

    @Test func aByteOrderMarkIsNoKey() throws {
        let directory = try TemporaryDirectory()
        try directory.write("\u{FEFF}\(goodStreams)", to: "w.yaml")
        #expect(Self.error(directory.path + "/w.yaml") == [])
    }

    @Test(arguments: ["watchword.yaml", "demo.yaml", "tamper.yaml"])
    func theShippedFilesAreValid(name: String) {
        #expect(Self.error("\(Self.shipped)/\(name)") == [])
    }

    @Test func theShippedFileSetsTheDefaults() throws {
        // The model's own defaults are left out: without them, the file's values are the built-in ones.
        let text = try String(contentsOfFile: "\(Self.shipped)/watchword.yaml", encoding: .utf8)
        let configuration = try Configuration.decode(text, file: "watchword.yaml")
        #expect(configuration.model == ModelSettings())
        #expect(configuration.events == EventSettings())
        #expect(configuration.log == LogSettings())
        #expect(configuration.streams.first?.options == StreamOptions())
    }

    /// Every key of the decoder is in the shipped file, set or commented out.
    @Test func theShippedFileNamesEveryKey() throws {
        let text = try String(contentsOfFile: "\(Self.shipped)/watchword.yaml", encoding: .utf8)
        let keys =
            Schema.sections.flatMap { [$0.name] + $0.keys } + Schema.streamOwn + Schema.labelOwn
            + Schema.input.map(\.name) + Schema.rules.map(\.name) + Schema.ofModel.map(\.name)
        for key in keys {
            #expect(try text.contains(Regex("(?m)^[ #{-]*\(key):|[{,] *\(key):")), "\(key) is missing")
        }
    }
}
