import Yams

/// The duplicate keys of a YAML text, renamed one by one so that the rest of the file can still be read: Yams stops at the
/// first mapping with a duplicate key.
struct DuplicateKeys {
    /// The characters that replace the first character of renamed keys, a different one each. They are from the private use
    /// area and count only at recorded places. There are few, because the whole file is read again for each.
    private static let replacements = (0xE000..<0xE014).compactMap { Unicode.Scalar($0) }

    /// The original names of renamed keys, by place.
    private var names: [String: String] = [:]

    /// Renames the key at `mark` without moving any column. Returns false if the key cannot be found there, because of an
    /// anchor or an escape, or if there are too many.
    mutating func rename(_ key: String, at mark: Mark, in text: inout String) -> Bool {
        guard names.count < Self.replacements.count, names["\(mark)"] == nil, let first = key.unicodeScalars.first,
            var index = Self.index(of: mark, in: text.unicodeScalars)
        else { return false }
        if text.unicodeScalars[index] == "\"" || text.unicodeScalars[index] == "'" {
            index = text.unicodeScalars.index(after: index)
        }
        guard index < text.unicodeScalars.endIndex, text.unicodeScalars[index] == first else { return false }
        text.unicodeScalars.replaceSubrange(index...index, with: CollectionOfOne(Self.replacements[names.count]))
        names["\(mark)"] = key
        return true
    }

    /// The name of a key in the file.
    func originalName(of key: String, at mark: Mark?) -> String {
        guard let mark, let first = key.unicodeScalars.first, Self.replacements.contains(first) else { return key }
        return names["\(mark)"] ?? key
    }

    /// The index of a mark. Lines end as they do for libyaml.
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
