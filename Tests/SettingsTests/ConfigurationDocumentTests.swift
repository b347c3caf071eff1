import ConfigurationText
import Events
import Fleet
import Foundation
import MQTTFeed
import Testing
import WebhookFeed

@testable import Settings
@testable import System
@testable import Text

/// Compares the commented file, the documentation and the command line with the declarations that the decoder reads by:
/// every key, its default and its range.
@Suite("Configuration: the documents")
struct ConfigurationDocumentTests {
    private struct Key {
        let section: String
        let name: String
        /// `100ms to 1h`; nil if the values have no order.
        let range: String?
        /// The built-in default, as `check` shows it.
        let defaultText: String
        /// The value of a text in the file, as `check` shows it; nil if the text is wrong.
        let value: (String) -> String?

        /// Whether a document can be expected to show the default, rather than an example or an abbreviation.
        var hasShortDefault: Bool { !["", "none", "all"].contains(defaultText) && name != "neutral" }
    }

    private static func keys<Section>(
        _ name: String,
        _ keys: [OptionKey<Section>],
        _ initial: Section
    ) -> [Key] {
        keys.map { key in
            Key(
                section: name,
                name: key.name,
                range: key.range?.text,
                defaultText: key.show(initial)
            ) { text in
                let document = YAMLDocument("\(key.name): \(text)", file: "d.yaml")
                guard let node = document.root?.entry(key.name)?.value else { return nil }
                var section = SourcedSection(initial)
                var context = DecodingContext(interpolation: Interpolation(environment: [:]))
                section.set(key, from: node, path: key.name, &context)
                return context.diagnostics.isEmpty ? key.show(section.value) : nil
            }
        }
    }

    private static var keys: [Key] {
        keys("model", Schema.model, ModelSettings()) + keys("events", Schema.events, EventSettings())
            + keys("log", Schema.log, LogSettings()) + keys("http", Schema.http, HTTPSettings())
            + keys("mqtt", Schema.mqtt, MQTTSettings()) + keys("webhooks", Schema.webhook, WebhookSettings())
            + keys("fleet", Schema.fleet, FleetSettings())
            + keys("defaults", Schema.stream, StreamOptions())
    }

    // MARK: The commented file

    /// A section's lines, from its name to the next section's.
    private func lines(of section: String, in text: String) -> [String] {
        let names = Schema.sections.map(\.name)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let starts = lines.indices.filter { index in
            names.contains { lines[index].hasPrefix("\($0):") || lines[index].hasPrefix("# \($0):") }
        }
        guard
            let start = starts.first(where: {
                lines[$0].hasPrefix("\(section):") || lines[$0].hasPrefix("# \(section):")
            })
        else { return [] }
        return Array(lines[start..<(starts.first { $0 > start } ?? lines.count)])
    }

    /// The key and the text of a line such as `  hop: 1` or `  # window: 5s`.
    private func setting(_ line: String) -> (name: Substring, text: Substring)? {
        let line = line.drop { " #-".contains($0) }
        let name = line.prefix { $0.isLetter || $0 == "_" }
        let rest = line[name.endIndex...]
        return rest.hasPrefix(": ") ? (name, rest.dropFirst(2)) : nil
    }

    /// The comment of a line: the nearest one above it. Adjacent keys share a comment.
    private func comment(above index: Int, in lines: [String], _ names: [String]) -> String {
        let isKey = { (line: String) in setting(line).map { names.contains(String($0.name)) } ?? false }
        var index = index - 1
        while index > 0, isKey(lines[index]) { index -= 1 }
        var comment: [String] = []
        while index > 0, !isKey(lines[index]), lines[index].contains("#") {
            comment.insert(lines[index].drop { " #".contains($0) }.description, at: 0)
            index -= 1
        }
        return comment.joined(separator: " ")
    }

    @Test func theCommentedFileHasEveryKeyDefaultAndRange() throws {
        let text = try String(contentsOfFile: "\(ConfigurationFileTests.shipped)/watchword.yaml", encoding: .utf8)
        let keys = Self.keys
        for key in keys {
            let lines = lines(of: key.section, in: text)
            let names = keys.filter { $0.section == key.section }.map(\.name)
            let places = lines.indices.filter { setting(lines[$0])?.name == key.name[...] }
            #expect(!places.isEmpty, "\(key.section).\(key.name) is missing")
            if key.hasShortDefault {
                let values = places.compactMap { setting(lines[$0]) }.map { key.value(String($0.text)) }
                #expect(values.contains(key.defaultText), "\(key.section).\(key.name) is \(key.defaultText): \(values)")
            }
            if let range = key.range {
                let comments = places.map { comment(above: $0, in: lines, names) }
                #expect(
                    comments.contains { $0.contains(range) },
                    "\(key.section).\(key.name) has the range \(range): \(comments)"
                )
            }
        }
    }

    // MARK: The documentation

    private struct Row {
        let names: [String]
        let defaults: String
        let meaning: String
    }

    /// The rows of the table of keys. Names include the section; the table leaves out `defaults`.
    private func rows() throws -> [Row] {
        let path = ConfigurationFileTests.shipped + "/../Sources/Documentation/configuration.md"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            let cells = line.split(separator: " | ", maxSplits: 2).map(String.init)
            var section = "defaults"
            let names = codeSpans(in: cells[0]).map { span in
                let parts = span.split(separator: ".")
                if parts.count > 1 { section = parts.dropLast().joined(separator: ".") }
                if section == "webhooks[]" { section = "webhooks" }
                return "\(section).\(parts.last ?? "")"
            }
            return Row(names: names, defaults: cells.count > 1 ? cells[1] : "", meaning: cells.last ?? "")
        }
    }

    private func codeSpans(in text: String) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    @Test func theDocumentationHasEveryKeyDefaultAndRange() throws {
        let rows = try rows().filter { !$0.names.contains { $0.hasPrefix("streams[]") } }
        let keys = Self.keys
        #expect(Set(rows.flatMap(\.names)) == Set(keys.map { "\($0.section).\($0.name)" }))
        for key in keys {
            let name = "\(key.section).\(key.name)"
            guard let row = rows.first(where: { $0.names.contains(name) }) else { continue }
            let spans = codeSpans(in: row.defaults)
            if key.hasShortDefault {
                // A row of several keys has their defaults in the same order.
                let own = row.names.count > 1 ? row.names.firstIndex(of: name).map { [spans[$0]] } ?? [] : spans
                #expect(own.contains { key.value($0) == key.defaultText }, "\(name) is \(key.defaultText): \(spans)")
            }
            if let range = key.range {
                #expect(row.meaning.contains(range), "\(name) has the range \(range): \(row.meaning)")
            }
        }
    }

    // MARK: The command line

    @Test func theCommandLineReadsWhatTheConfigurationReads() throws {
        var options = StreamOptions()
        try StreamOption("hop").set("3", in: &options, source: "--hop")
        try StreamOption("min_duration").set("250ms", in: &options, source: "--min-duration")
        #expect(options.hop == 3)
        #expect(options.rules.minDuration == .milliseconds(250))
        #expect(StreamOption("window").defaultText == "5s")
        #expect(StreamOption("hop").description == "Make a decision every this many sampled frames. From 1 to 1024.")
    }

    @Test(arguments: [
        ("hop", "0", "--hop is 0, outside 1 to 1024; choose a value in that range"),
        ("window", "5", #"--window is "5", which has no unit; write 5s if seconds are meant"#),
        (
            "scoring", "exclusiv",
            #"--scoring is "exclusiv", which is not one of the choices; did you mean "exclusive"?"#
        ),
        ("audit", "${A}", "--audit: ${A} is not set in the environment; set it, or give a default as ${A:default}"),
    ])
    func theCommandLineRefusesWhatTheConfigurationRefuses(key: String, text: String, expected: String) throws {
        var options = StreamOptions()
        let error = #expect(throws: OperationError.self) {
            try StreamOption(key).set(text, in: &options, source: "--\(key)")
        }
        #expect(error?.description == expected)
        #expect(options == StreamOptions())
    }
}
