import Foundation

/// CLIP's normaliser and word splitter, which work on Unicode scalars.
///
/// Source: the tokenizer that transformers builds for CLIP. It applies NFC, collapses white space to one space and
/// lower-cases, then splits by
/// `<|startoftext|>|<|endoftext|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`.
enum WordSplitter {
    /// Applies NFC, collapses white space to one space and lower-cases each scalar separately. Like the reference, it
    /// has no final sigma.
    static func normalized(_ text: Substring) -> String.UnicodeScalarView {
        var result = String.UnicodeScalarView()
        var inSpace = false
        for scalar in String(text).precomposedStringWithCanonicalMapping.unicodeScalars {
            if scalar.properties.isWhitespace {
                if !inSpace { result.append(" ") }
                inSpace = true
            } else {
                result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
                inSpace = false
            }
        }
        return result
    }

    private enum Kind { case space, letter, number, other }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        if scalar.properties.isWhitespace { return .space }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return .other
        }
    }

    private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.unicodeScalars) }
    /// A literal special token is one match of the splitter. The byte-level stage then cuts it into three parts.
    private static let specials = ["startoftext", "endoftext"].map {
        (whole: Array("<|\($0)|>".unicodeScalars), parts: ["<|", $0, "|>"])
    }

    /// Calls `body` with each word of `text`, in order.
    static func forEachWord(in text: String.UnicodeScalarView, _ body: (String) -> Void) {
        let scalars = Array(text)
        var at = 0
        func matches(_ pattern: [Unicode.Scalar]) -> Bool {
            at + pattern.count <= scalars.count && scalars[at..<at + pattern.count].elementsEqual(pattern)
        }
        while at < scalars.count {
            if let special = specials.first(where: { matches($0.whole) }) {
                special.parts.forEach(body)
                at += special.whole.count
                continue
            }
            if let contraction = contractions.first(where: matches) {
                body(string(contraction[...]))
                at += contraction.count
                continue
            }
            let kind = kind(scalars[at])
            var end = at + 1
            if kind == .letter || kind == .other {
                while end < scalars.count, self.kind(scalars[end]) == kind { end += 1 }
            }
            if kind != .space { body(string(scalars[at..<end])) }
            at = end
        }
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
