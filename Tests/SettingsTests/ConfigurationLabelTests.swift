import ConfigurationText
import Events
import Recognition
import Testing
import XCLIP

@testable import Settings

/// Labels with several texts, and texts against them.
@Suite struct ConfigurationLabelTests {
    private func labels(_ labels: String) throws -> [LabelConfiguration] {
        try Configuration.decode(
            "streams:\n  - {name: a, url: /dev/video0, labels: [\(labels)]}\n",
            file: "w.yaml"
        ).streams[0].labels
    }

    private func errors(_ labels: String) -> [String] {
        diagnostics("streams:\n  - {name: a, url: /dev/video0, labels: [\(labels)]}\n")
    }

    @Test func aLabelHasSeveralTexts() throws {
        let texts = "text: [a person falls, someone collapses]"
        let fall = "{name: fall, \(texts), combine: max, against: [a person sits down]}"
        let labels = try labels("\(fall), {text: [a, b]}, {text: [c]}, d")
        #expect(labels.map(\.name) == ["fall", "a", "c", "d"])
        #expect(labels[0].texts.map(\.text) == ["a person falls", "someone collapses"])
        #expect(labels[0].combination == .max && labels[0].against.map(\.text) == ["a person sits down"])
        #expect(labels[1].texts.count == 2 && labels[1].combination == .mean && labels[1].against.isEmpty)
        #expect(labels[2].texts.map(\.text) == ["c"])
        let stream = try Configuration.decode(
            "streams:\n  - {name: a, url: /dev/video0, background: [z], neutral: [n], labels: [\(fall), x]}\n",
            file: "w.yaml"
        ).streams[0].specification
        #expect(stream.texts == ["a person falls", "someone collapses", "x", "a person sits down", "n", "z"])
        #expect(stream.textGroups == [TextGroup(count: 2, combination: .max), TextGroup(count: 1)])
        #expect(stream.logitLayout.against(ofLabel: 0) == 2..<3 && stream.logitLayout.against(ofLabel: 1) == 3..<3)
        #expect(stream.logitLayout.background == 3)
    }

    @Test func theReportShowsEachKeyOfALabel() throws {
        let configuration = try Configuration.decode(
            "streams:\n  - {name: a, url: /dev/video0, labels: [{text: [x, y], combine: max, against: [z]}]}\n",
            file: "w.yaml"
        )
        let lines = configuration.report.filter { $0.contains("labels[1]") }
        for part in ["labels[1].text = x, y ", "labels[1].combine = max ", "labels[1].against = z "] {
            #expect(lines.contains { $0.contains(part) }, "\(lines)")
        }
    }

    @Test(arguments: [
        ("{text: []}", "labels[1].text is empty"), ("{text: [a, '']}", "labels[1].text[2] is empty"),
        ("{text: a, combine: max}", "labels[1].combine has nothing to combine: the label has one text"),
        ("{text: [a, b], combine: best}", "labels[1].combine is \"best\", which is not one of the choices"),
        ("{text: [a, 'signal:frozen']}", "labels[1].text has a signal among its texts"),
        ("{text: 'signal:frozen', against: [a]}", "labels[1].against cannot go with a signal"),
        ("{text: a, against: b}", "labels[1].against must be a list, not a"),
        ("{text: [a, b]}, a", "labels has another label of this name"),
    ])
    func whatIsWrongIsNamed(labels: String, message: String) {
        let errors = errors(labels)
        #expect(errors.count == 1 && errors.first?.contains(message) == true, "\(errors)")
    }

    @Test func tooManyTextsAreRefused() {
        let texts = (1...65).map { "t\($0)" }.joined(separator: ", ")
        #expect(errors("{text: [\(texts)]}").first?.contains("has 65 texts, more than 64") == true)
        #expect(errors("{text: t, against: [\(texts)]}").first?.contains("has 65 texts, more than 64") == true)
    }

    /// A calibration writes its threshold below the last text, and counts no signal.
    @Test func aThresholdIsWrittenBelowTheTexts() throws {
        let text = """
            streams:
              - name: a
                url: /dev/video0
                labels:
                  - text: ['signal:frozen']
                  - name: fall
                    text:
                      - x
                      - y
                    against: [z]

            """
        let editor = ThresholdEditor(stream: "a", file: "w.yaml") { text in
            try? Configuration.decode(text, file: "w.yaml")
        }
        let (edited, refused) = editor.apply([.init(label: 0, threshold: 0.75, release: 0.5)], to: text)
        #expect(refused.isEmpty)
        let label = try Configuration.decode(edited, file: "w.yaml").streams[0].labels[0]
        #expect(label.rules.threshold == 0.75 && label.rules.release == 0.5, "\(edited)")
        #expect(label.texts.map(\.text) == ["x", "y"])
    }
}
