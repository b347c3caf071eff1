import HTTP
import Testing
import Text

/// The forms that cameras send, from their public bug reports.
@Suite struct MultipartFramerTests {
    private static let pictures: [[UInt8]] = (0..<4).map { number in
        [0xFF, 0xD8] + (0..<(900 + number * 37)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) } + [0xFF, 0xD9]
    }

    private func body(
        first: String = "--b0undary\r\n",
        next: String = "--b0undary\r\n",
        header: (Int) -> String
    ) -> [UInt8] {
        var body: [UInt8] = []
        for (number, picture) in Self.pictures.enumerated() {
            body += Array((number == 0 ? first : next).utf8) + Array(header(picture.count).utf8) + picture
            body += Array("\r\n".utf8)
        }
        return body + Array(next.utf8)
    }

    private func parts(_ body: [UInt8], boundary: String, step: Int) throws -> [[UInt8]] {
        var framer = MultipartFramer(boundary: boundary)
        var parts: [[UInt8]] = []
        for start in stride(from: 0, to: body.count, by: step) {
            framer.append(body[start..<min(start + step, body.count)])
            while let part = try framer.next() { parts.append(part) }
        }
        return parts
    }

    private static let long: @Sendable (Int) -> String = { "Content-Type: image/jpeg\r\nContent-Length: \($0)\r\n\r\n" }
    private static let short: @Sendable (Int) -> String = { _ in "Content-Type: image/jpeg\r\n\r\n" }

    @Test(arguments: [1, 7, 1000, 100_000])
    func everyFormGivesThePictures(step: Int) throws {
        let forms: [(String, [UInt8])] = [
            ("b0undary", body(header: Self.long)), ("b0undary", body(header: Self.short)),
            // The parameter holds the dashes already.
            ("--b0undary", body(header: Self.long)), ("--b0undary", body(header: Self.short)),
            ("--b0undary", body(first: "----b0undary\r\n", next: "----b0undary\r\n", header: Self.short)),
            ("b0undary", body(first: "", header: Self.long)), ("b0undary", body(first: "", header: Self.short)),
            ("b0undary", body(first: "b0undary\r\n", next: "b0undary\r\n", header: Self.long)),
            ("b0undary", body(first: "b0undary\r\n", next: "b0undary\r\n", header: Self.short)),
            ("b0undary", body(header: { "Content-Type: image/jpeg\nContent-Length: \($0)\n\n" })),
            (
                "b0undary",
                body(header: { "content-type: image/jpeg\r\nCONTENT-LENGTH:\($0)\r\nX-Timestamp: 1.5\r\n\r\n" })
            ),
            // A length of 0 is none.
            ("b0undary", body(header: { _ in "Content-Type: image/jpeg\r\nContent-Length: 0\r\n\r\n" })),
        ]
        for (index, (boundary, body)) in forms.enumerated() {
            #expect(try parts(body, boundary: boundary, step: step) == Self.pictures, "form \(index)")
        }
    }

    @Test func theBoundaryIsReadFromTheMediaType() {
        let types = [
            "multipart/x-mixed-replace;boundary=abc": "abc", "multipart/x-mixed-replace; boundary=\"--a b\"": "--ab",
            "multipart/x-mixed-replace; charset=x; BOUNDARY=--q": "--q", "multipart/x-mixed-replace": nil,
        ]
        for (type, boundary) in types { #expect(MultipartFramer.boundary(of: type) == boundary) }
    }

    @Test func whatIsTooLargeIsRefused() {
        var framer = MultipartFramer(boundary: "b")
        framer.append(Array("--b\r\nContent-Length: 99999999999\r\n\r\n".utf8))
        #expect(throws: MultipartFramer.Failure.self) { try framer.next() }
        var endless = MultipartFramer(boundary: "b")
        endless.append([UInt8](repeating: 65, count: MultipartFramer.headerLimit + 1))
        #expect(throws: MultipartFramer.Failure.self) { try endless.next() }
        var noEnd = MultipartFramer(boundary: "b")
        noEnd.append(Array("--b\r\nContent-Type: image/jpeg\r\n\r\n".utf8))
        noEnd.append([UInt8](repeating: 65, count: MultipartFramer.partLimit + 1))
        #expect(throws: MultipartFramer.Failure.self) { try noEnd.next() }
    }
}

@Suite struct CommandWordsTests {
    /// As `sh -c 'printf "%s\n" …'` splits them.
    @Test(arguments: [
        "ffmpeg -i a.mp4 -f mpegts -", "a 'b c' \"d e\"", "a\\ b c", "x=\"it's\" 'say \"no\"'", "''  a", "a\"b\"'c'd",
    ])
    func wordsAreThoseOfAShell(command: String) throws {
        let output = try shell("printf '%s\\n' \(command)")
        let words = String(decoding: output, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(try CommandWords.split(command) == words.dropLast().map(String.init))
    }

    @Test(arguments: ["", "  ", "a 'b", "a \"b"])
    func whatIsNoCommandIsRefused(command: String) {
        #expect(throws: CommandWords.Failure.self) { try CommandWords.split(command) }
    }
}
