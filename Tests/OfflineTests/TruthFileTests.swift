import ConfigurationText
import Events
import Testing

@testable import Offline
@testable import Settings

@Suite("Truth files")
struct TruthFileTests {
    private func rows(_ text: String) throws -> [TruthFile.Row] { try TruthFile.parse(text, file: "t.csv").rows }

    private func row(_ label: String, _ start: Double, _ end: Double, line: Int) -> TruthFile.Row {
        TruthFile.Row(label: label, event: TruthEvent(start: start, end: end), line: line)
    }

    @Test func anEventALine() throws {
        let text = "# seen by me\r\n\r\nlabel,start,end\r\na person falls,1.5,3\r\n  # not this\r\na dog, 0 ,1e1\t\n"
        #expect(try rows(text) == [row("a person falls", 1.5, 3, line: 4), row("a dog", 0, 10, line: 6)])
        #expect(try rows("label,start,end\n").isEmpty)
    }

    @Test func quotesHoldCommasQuotesAndBlanks() throws {
        let text = "\"label\",start,end\n\"a dog, asleep\",1,2\n\"a \"\"dog\"\"\",\"3\",4\n\"# 1\",5,6\n \" x\" ,7,8"
        #expect(
            try rows(text) == [
                row("a dog, asleep", 1, 2, line: 2), row("a \"dog\"", 3, 4, line: 3), row("# 1", 5, 6, line: 4),
                row(" x", 7, 8, line: 5),
            ]
        )
    }

    @Test func everythingWrongAtOnce() {
        let text = """
            label,start,end
            a dog,5
            "a cat,3,4
            x,9,3
            y,a,4
            y,1,-4
            ,1,2
            q "z",1,2
            "q"z,1,2
            x,1,2,3
            x,nan,inf
            """
        do throws(ConfigurationError) {
            _ = try TruthFile.parse(text, file: "t.csv")
            Issue.record("parsed")
        } catch {
            let lines = error.description.split(separator: "\n").map { $0.prefix { $0 != ";" } }
            #expect(
                lines == [
                    "t.csv:2:1: this line has 2 fields, not 3",
                    "t.csv:3:1: this quote is not closed on its line",
                    "t.csv:4:5: the end lies before the start",
                    "t.csv:5:3: the start is no number of seconds",
                    "t.csv:6:5: the end is no number of seconds",
                    "t.csv:7:1: this label is empty",
                    "t.csv:8:3: a field without quotes holds a quote",
                    "t.csv:9:4: there is text after a quoted field",
                    "t.csv:10:1: this line has 4 fields, not 3",
                    "t.csv:11:3: the start is no number of seconds",
                ]
            )
        }
    }

    @Test(arguments: [("a dog,1,2\nlabel,start,end\n", "t.csv:1:1: "), ("# nothing\n", "t.csv: "), ("", "t.csv: ")])
    func withoutItsHeaderNothingElseIsSaid(text: String, place: String) {
        do throws(ConfigurationError) {
            _ = try TruthFile.parse(text, file: "t.csv")
            Issue.record("parsed")
        } catch {
            #expect(error.diagnostics.count == 1)
            #expect(error.description.hasPrefix(place) && error.description.contains("label,start,end"))
        }
    }
}
