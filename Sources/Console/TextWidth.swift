/// How many columns of a terminal a text takes: East Asian wide characters and emoji take two, combining marks none.
enum TextWidth {
    static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

    static func of(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        if character.unicodeScalars.contains(where: { $0 == "\u{FE0F}" }) { return 2 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return isWide(scalar) ? 2 : 1
        }
    }

    /// The text, cut with an ellipsis at its end if it is too wide.
    static func cut(_ text: String, to columns: Int, ellipsis: Character) -> String {
        guard of(text) > columns else { return text }
        var (result, width) = ("", 0)
        for character in text {
            let next = width + of(character)
            guard next <= columns - 1 else { break }
            result.append(character)
            width = next
        }
        return columns > 0 ? result + String(ellipsis) : ""
    }

    /// The text, cut or padded with spaces to exactly this many columns.
    static func padded(_ text: String, to columns: Int, ellipsis: Character) -> String {
        let text = cut(text, to: columns, ellipsis: ellipsis)
        return text + String(repeating: " ", count: max(0, columns - of(text)))
    }

    /// The ranges of UAX #11 whose characters are wide, and the emoji planes.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
