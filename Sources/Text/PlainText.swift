import Foundation

/// The plain form of a text with typographic characters: straight quotes, separate letters for ligatures, characters of
/// ordinary width, and the characters that HTML's entities stand for.
///
/// Source: the fixes of ftfy that the authors of CLIP apply to a text, and which the tokenizers of transformers leave out.
package enum PlainText {
    /// Nil if the text is plain.
    package static func of(_ text: String) -> String? {
        // Twice, as CLIP's authors do: `&amp;quot;` is a quote.
        let unescaped = unescaping(unescaping(text))
        var plain = String.UnicodeScalarView()
        for scalar in unescaped.unicodeScalars {
            switch scalar.value {
            case 0x2018...0x201B: plain.append("'")
            case 0x201C...0x201F: plain.append("\"")
            // Latin ligatures; forms of another width.
            case 0xFB00...0xFB06, 0xFF01...0xFFEE, 0x3000:
                plain.append(contentsOf: String(scalar).precomposedStringWithCompatibilityMapping.unicodeScalars)
            default: plain.append(scalar)
            }
        }
        let result = String(plain)
        return result.unicodeScalars.elementsEqual(text.unicodeScalars) ? nil : result
    }

    private static let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " "]

    private static func unescaping(_ text: String) -> String {
        text.replacing(/&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-z]{2,4});/) { match in
            let name = match.1
            guard name.hasPrefix("#") else { return entities[String(name)] ?? String(match.0) }
            let digits = name.dropFirst()
            let isHexadecimal = digits.first == "x" || digits.first == "X"
            let number = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap { Unicode.Scalar($0) }.map { String($0) } ?? String(match.0)
        }
    }
}
