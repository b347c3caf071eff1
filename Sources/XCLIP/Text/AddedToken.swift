import Checkpoints

/// A token that is matched as a whole, before the rest of the text is cut into words.
struct AddedToken: Sendable, Equatable {
    var content: String
    /// Whether it is matched only where no letter or digit touches it.
    var isSingleWord = false
    /// Whether the white space before it, or after it, belongs to it.
    var stripsLeft = false
    var stripsRight = false
    /// Whether it is matched after normalisation rather than before.
    var isNormalized: Bool
    var isSpecial: Bool

    init(_ content: String, isSpecial: Bool) {
        self.content = content
        self.isSpecial = isSpecial
        isNormalized = !isSpecial
    }

    /// Reads an entry of `added_tokens`, of `added_tokens_decoder` or of a map of special tokens.
    init(_ file: JSONFile, isSpecial known: Bool? = nil) throws(CheckpointError) {
        guard let content = try file.text("content") else { throw file.wrong("content", "a string") }
        self.content = content
        let isSpecial = if let known { known } else { try file.flag("special", default: false) }
        self.isSpecial = isSpecial
        isSingleWord = try file.flag("single_word", default: false)
        stripsLeft = try file.flag("lstrip", default: false)
        stripsRight = try file.flag("rstrip", default: false)
        isNormalized = try file.flag("normalized", default: !isSpecial)
    }
}
