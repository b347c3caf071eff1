import Yams

/// The doubled keys of a YAML text, renamed one by one so that the rest of the file can still be read: Yams stops at
/// the first mapping with a doubled key.
struct DuplicateKeys {
    /// What stands for the first character of the renamed keys, a different one each: private use, and only believed
    /// at a recorded place. Few, as the whole file is read again for each.
    private static let stands = (0xE000..<0xE014).compactMap { Unicode.Scalar($0) }

    /// By place, the names that the renamed keys have in the file.
    private var names: [String: String] = [:]

    /// Renames the key at `mark` in place, keeping every column. False where it is not plainly there, as with a key
    /// behind an anchor or an escape, or where there are too many.
    mutating func rename(_ key: String, at mark: Mark, in text: inout String) -> Bool {
        guard names.count < Self.stands.count, names["\(mark)"] == nil, let first = key.unicodeScalars.first,
            var index = Self.index(of: mark, in: text.unicodeScalars)
        else { return false }
        if text.unicodeScalars[index] == "\"" || text.unicodeScalars[index] == "'" {
            index = text.unicodeScalars.index(after: index)
        }
        guard index < text.unicodeScalars.endIndex, text.unicodeScalars[index] == first else { return false }
        text.unicodeScalars.replaceSubrange(index...index, with: CollectionOfOne(Self.stands[names.count]))
        names["\(mark)"] = key
        return true
    }

    /// The name a key has in the file.
    func originalName(of key: String, at mark: Mark?) -> String {
        guard let mark, let first = key.unicodeScalars.first, Self.stands.contains(first) else { return key }
        return names["\(mark)"] ?? key
    }

    /// Lines end as libyaml sees them.
    private static func index(of mark: Mark, in scalars: String.UnicodeScalarView) -> String.Index? {
        var (line, column) = (1, 1)
        var previous: Unicode.Scalar = " "
        for index in scalars.indices {
            if line == mark.line, column == mark.column { return index }
            let scalar = scalars[index]
            if scalar == "\n" && previous == "\r" {
                column = 1
            } else if "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains(scalar) {
                (line, column) = (line + 1, 1)
            } else {
                column += 1
            }
            previous = scalar
        }
        return nil
    }
}
