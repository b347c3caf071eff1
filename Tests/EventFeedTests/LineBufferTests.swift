import Testing

@testable import EventFeed

@Suite struct LineBufferTests {
    /// However the bytes are cut, the lines are the same.
    @Test(arguments: 1...9)
    func linesDoNotDependOnTheCuts(size: Int) {
        let text = Array("one\n\ntwo words\n3\nrest".utf8)
        var buffer = LineBuffer()
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            buffer.append(text[start..<min(start + size, text.count)])
            while let line = buffer.nextLine() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(lines == ["one", "", "two words", "3"])
        #expect(buffer.count == 4)
        #expect(String(decoding: buffer.takeRest(), as: UTF8.self) == "rest")
        #expect(buffer.count == 0)
    }
}
