import Foundation
import System
import Testing
import TestSupport
import Text

@Suite struct JSONTests {
    @Test func writesInOrderAndOnOneLine() {
        var inner = JSONLine()
        inner.add("x", [1.5, .nan, -.infinity])
        var line = JSONLine(type: "a\"b")
        line.add("text", "line\nbreak \\ tab\t \u{1} \u{1F} é 🙂 \u{2028}")
        line.add("none", nil as String?)
        line.add("seq", UInt64.max)
        line.add("yes", true)
        line.add("inner", inner)
        line.add("empty", [] as [String])
        let expected =
            #"{"type":"a\"b","text":"line\nbreak \\ tab\t \u0001 \u001f é 🙂 "# + "\u{2028}"
            + #"","none":null,"seq":18446744073709551615,"yes":true,"inner":{"x":[1.5,null,null]},"empty":[]}"#
        #expect(line.text == expected)
        #expect(String(decoding: line.bytes, as: UTF8.self) == expected + "\n")
        #expect(JSONLine().text == "{}")
    }

    @Test func foundationReadsTheOutput() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<500 {
            var text = ""
            for _ in 0..<20 {
                let last = Bool.random(using: &random) ? 0x7F : 0x10FFFF as UInt32
                if let scalar = Unicode.Scalar(UInt32.random(in: 0...last, using: &random)) {
                    text.unicodeScalars.append(scalar)
                }
            }
            let number = Double(bitPattern: random.next())
            let small = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            var line = JSONLine()
            line.add("text", text)
            line.add("number", number)
            line.add("small", small)
            line.add(text + "key", 1)
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(line.bytes), options: []) as? [String: Any]
            )
            #expect((object["text"] as? String)?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
            #expect(object[text + "key"] as? Int == 1)
            if number.isFinite {
                // Foundation on Linux reads numbers to a few units in the last place only.
                let read = try #require(object["number"] as? Double)
                #expect(abs(read - number) <= abs(number) * 1e-14)
            } else {
                #expect(object["number"] is NSNull)
            }
            // Our own parser reads it exactly.
            let value = try JSONValue(parsing: line.text)
            #expect(value["text"]?.string == text)
            if number.isFinite { #expect(value["number"]?.number == number) }
            if small.isFinite { #expect(value["small"]?.number.map(Float.init) == small) }
        }
    }

    @Test func durationsAreSeconds() {
        var line = JSONLine()
        line.add("duration", Duration.milliseconds(12_340))
        #expect(line.text == #"{"duration":12.34}"#)
    }

    @Test(arguments: [
        #" {"a":[1,-2.5e3,true,false,null,"é\u00e9\ud83d\ude42\/\b\f"],"b":{}} "#, "[]", "0", "-0", #""""#, "1e-400",
        "9223372036854775807", "9223372036854775808",
    ])
    func readsWhatFoundationReads(text: String) throws {
        let expected = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
        let ours = try JSONValue(parsing: text)
        #expect(Self.same(ours, expected), "\(ours) is not \(expected)")
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{\"a\":1,\"a\":2}", "nul", "truee", "01", "1.",
        ".5", "1e", "+1", "-", "\"", "\"\u{1}\"", #""\x""#, #""\u12""#, #""\ud800""#, #""\ud800A""#, #""\udc00""#,
        "1 2", "{} x", "NaN", "1e999", "\u{FEFF}{}", "[1 2]", "'a'",
    ])
    func refusesTextThatIsNotJSON(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
    }

    @Test func refusesBytesThatAreNotUTF8() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22]) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func refusesExcessiveDepth() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: String(repeating: "[", count: 60_000)) }
        #expect(throws: Never.self) {
            try JSONValue(parsing: String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
        }
    }

    /// Randomly damaged bytes never crash the parser.
    @Test func survivesNoise() {
        var random = SeededGenerator(seed: 3)
        let seed = Array(#"{"subscribe":{"types":["event"],"streams":["do*"],"since":12.5e3,"x":"\u00e9\\"}}"#.utf8)
        for _ in 0..<5000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.removeLast(bytes.count - place)
                }
                if bytes.isEmpty { break }
            }
            _ = try? JSONValue(parsing: bytes)
        }
    }

    private static func same(_ ours: JSONValue, _ theirs: Any) -> Bool {
        switch ours {
        case .null: theirs is NSNull
        case .bool(let value): theirs as? Bool == value
        case .integer(let value): theirs as? Int64 == value
        case .number(let value): theirs as? Double == value
        case .string(let value): theirs as? String == value
        case .array(let values):
            (theirs as? [Any]).map { $0.count == values.count && zip(values, $0).allSatisfy { same($0, $1) } } ?? false
        case .object(let members):
            (theirs as? [String: Any]).map { object in
                object.count == members.count && members.allSatisfy { same($0.value, object[$0.key] ?? NSNull()) }
            } ?? false
        }
    }
}
