import Events
import Testing

@testable import Settings

/// `threshold: auto`, of a label, of a stream and of the defaults.
@Suite struct LearnedThresholdKeyTests {
    private func decode(_ defaults: String, _ labels: String, _ environment: [String: String] = [:]) throws
        -> Configuration
    {
        try Configuration.decode(
            "defaults: {\(defaults)}\nstreams:\n  - {name: a, url: /dev/video0, labels: [\(labels)]}\n",
            file: "w.yaml",
            environment: environment
        )
    }

    /// It begins at the threshold of the level above; a plain number stays a plain number.
    @Test func aWordOrANumber() throws {
        let labels = try decode(
            "threshold: 0.8, release: 0.3",
            "{text: x, threshold: auto}, {text: y, threshold: 0.7}, z"
        ).streams[0].labels.map(\.rules)
        #expect(labels.map(\.isLearned) == [true, false, false] && labels.map(\.threshold) == [0.8, 0.7, 0.8])
        let others = try decode("threshold: auto", "x, {text: y, threshold: 0.7}, 'signal:blank'").streams[0]
        #expect(others.labels.map(\.rules.isLearned) == [true, false] && others.labels[0].rules.threshold == 0.6)
        #expect(!others.signals[0].label.rules.isLearned)
    }

    @Test func itIsShownAndReadFromAVariable() throws {
        let configuration = try decode("threshold: \"${T}\"", "x", ["T": "auto"])
        #expect(configuration.streams[0].labels[0].rules.isLearned)
        let lines = try decode("", "{text: x, threshold: auto}").report
        #expect(lines.contains { $0.contains("labels[1].threshold = auto ") }, "\(lines)")
    }

    @Test(arguments: [
        ("{text: 'signal:blank', threshold: auto}", "streams.a.labels[1].threshold cannot be auto"),
        ("{text: x, threshold: automatic}", "which is not a number; write it like 0.6"),
        ("{text: x, threshold: auto, release: 0.7}", "release is 0.7, above the threshold 0.6"),
    ])
    func whatIsWrongIsNamed(labels: String, message: String) {
        let errors = diagnostics("streams:\n  - {name: a, url: /dev/video0, labels: [\(labels)]}\n")
        #expect(errors.count == 1 && errors.first?.contains(message) == true, "\(errors)")
    }

    /// Labels that share a score have no quiet level to be above; a plain number among them is no matter.
    @Test func amongExclusiveLabelsItIsNoted() throws {
        let notes = try decode("scoring: exclusive", "{text: x, threshold: auto}, y").notes
        #expect(notes.count == 1 && notes[0].contains("threshold: auto for x: set a number"), "\(notes)")
        #expect(try decode("scoring: exclusive", "x, {text: y, threshold: 0.7}").notes.isEmpty)
        #expect(try decode("threshold: auto", "x, y").notes.isEmpty)
    }

    /// A calibration replaces the word by its number.
    @Test func aCalibrationWritesANumberInItsPlace() throws {
        let text = "streams:\n  - {name: a, url: /dev/video0, labels: [{text: x, threshold: auto}]}\n"
        let editor = ThresholdEditor(stream: "a", file: "w.yaml") { try? Configuration.decode($0, file: "w.yaml") }
        let (edited, refused) = editor.apply([.init(label: 0, threshold: 0.75, release: 0.5)], to: text)
        #expect(refused.isEmpty && edited.contains("{text: x, threshold: 0.75, release: 0.5}"), "\(edited)")
    }
}
