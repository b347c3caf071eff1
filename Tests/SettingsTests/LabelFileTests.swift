import ConfigurationText
import Testing
import TestSupport

@testable import Settings

@Suite("Label files")
struct LabelFileTests {
    @Test func oneTextALine() throws {
        let text = "# what to look for\r\n\r\na person falls\r\n  a dog # barks\t\n\n#no\nÄ: ö"
        #expect(try LabelFile.parse(text, file: "l.txt") == ["a person falls", "a dog # barks", "Ä: ö"])
    }

    @Test func everythingWrongAtOnce() {
        let long = String(repeating: "x", count: 1001)
        do throws(ConfigurationError) {
            _ = try LabelFile.parse("fall\nrun\u{7}away\n\(long)\n  fall\nwalk", file: "l.txt")
            Issue.record("decoded")
        } catch {
            #expect(
                error.description == """
                    l.txt:2:1: this label holds a control character; write it on one line, without tabs
                    l.txt:3:1: this label is longer than 1000 characters; shorten it
                    l.txt:4:3: this label is already on line 1; remove one of the two
                    """
            )
        }
    }

    @Test func files() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/labels.txt"
        #expect(
            throws: ConfigurationError([
                Diagnostic(.file(path), "the file does not exist", remedy: "create it or check the path")
            ])
        ) { try LabelFile.load(path: path) }
        try directory.write("# none\n", to: "labels.txt")
        #expect(
            throws: ConfigurationError([
                Diagnostic(
                    .file(path),
                    "there are no labels in the file",
                    remedy: "write what to look for, one text a line"
                )
            ])
        ) { try LabelFile.load(path: path) }
        try directory.write("\u{FEFF}one\ntwo", to: "labels.txt")
        #expect(try LabelFile.load(path: path) == ["one", "two"])
    }
}
