import ConfigurationText
import Foundation
import Testing

@testable import Models
@testable import Settings

/// Labels as the tiny model's tokenizer reads them.
@Suite struct LabelReadingTests {
    private static let tiny = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("XCLIPTests/Golden/tiny").path

    private func streams(_ labels: String) throws -> [StreamConfiguration] {
        try Configuration.decode(
            "streams:\n  - name: a\n    url: lavfi:testsrc2\n    labels:\n\(labels)",
            file: "w.yaml"
        )
        .streams
    }

    @Test func labelsThatAreOneToTheModelNameBothPlaces() throws {
        let reading = try LabelReading(directory: Self.tiny)
        let streams = try streams(
            "      - a person falls\n      - {name: b, text: \"A  PERSON falls\"}\n      - a dog\n"
        )
        let conflicts = reading.conflicts(in: streams).map(\.description)
        #expect(conflicts.count == 1, "\(conflicts)")
        #expect(
            conflicts.first?.hasPrefix("w.yaml:6:25: to the model, the label \"A  PERSON falls\" is the same as")
                == true
        )
        #expect(conflicts.first?.contains("\"a person falls\" at w.yaml:5:9; remove one") == true, "\(conflicts)")
        #expect(throws: (any Error).self) { try reading.requireDistinct(["a dog", "A dog"]) }
        try reading.requireDistinct(["a dog", "a person falls"])
    }

    @Test func labelsThatDifferBehindTheCutAreOne() throws {
        let reading = try LabelReading(directory: Self.tiny)
        let long = String(repeating: "a person falls to the ground ", count: 20)
        let streams = try streams("      - \"\(long)here\"\n      - \"\(long)there\"\n")
        let conflicts = reading.conflicts(in: streams).map(\.description)
        #expect(
            conflicts.count == 1 && conflicts[0].contains("because it reads only the first 77 tokens"),
            "\(conflicts)"
        )
        let warnings = reading.warnings(in: streams).map(\.description)
        #expect(warnings.count == 2 && warnings.allSatisfy { $0.contains("the model reads 77 tokens") }, "\(warnings)")
    }

    @Test func typographyThatTheModelReadsOtherwiseIsAWarning() throws {
        let reading = try LabelReading(directory: Self.tiny)
        let warnings = reading.warnings(in: try streams("      - they’re here\n      - they run\n")).map(\.description)
        #expect(warnings.count == 1 && warnings[0].hasPrefix("w.yaml:5:9: "), "\(warnings)")
        #expect(warnings.first?.hasSuffix("write \"they're here\"") == true, "\(warnings)")
    }

    @Test func everyTextOfEveryLabelIsCompared() throws {
        let reading = try LabelReading(directory: Self.tiny)
        let streams = try streams(
            """
                  - {name: fall, text: [a person falls, a cat], against: [a dog, "A DOG", a  person falls]}
                  - a dog
                  - {text: [a bird, A cat], against: [a dog]}

            """
        )
        let conflicts = reading.conflicts(in: streams).map(\.description)
        let place = "the same as \"a person falls\" at w.yaml:5:29"
        #expect(conflicts.count == 3, "\(conflicts)")
        #expect(conflicts[0].contains("the label \"A cat\" is the same as \"a cat\" at w.yaml:5:45"), "\(conflicts)")
        #expect(conflicts[1].contains("the text against it \"A DOG\" is the same as \"a dog\""), "\(conflicts)")
        #expect(conflicts[2].contains("the text against it \"a  person falls\" is \(place)"), "\(conflicts)")
    }

    @Test func everyTextIsWarnedOf() throws {
        let reading = try LabelReading(directory: Self.tiny)
        let streams = try streams("      - {text: [a dog, they’re here], against: [it’s dark]}\n")
        let warnings = reading.warnings(in: streams).map(\.description)
        #expect(warnings.count == 2, "\(warnings)")
        #expect(warnings[0].hasPrefix("w.yaml:5:24: ") && warnings[1].hasPrefix("w.yaml:5:49: "), "\(warnings)")
    }
}
