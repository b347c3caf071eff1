/// Splits a command into words, as a shell does with quotes and backslashes, and does nothing else that a shell does.
package enum CommandWords {
    package struct Failure: Error, Equatable {
        package var message: String
    }

    /// - Throws: `Failure` if there is no word or a quote is not closed.
    package static func split(_ command: String) throws(Failure) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in command {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let quote { throw Failure(message: "the quote \(quote) in its command is not closed") }
        if let word { words.append(word) }
        if words.isEmpty {
            throw Failure(message: "it has no command; write one, such as exec:ffmpeg -i … -f mpegts -")
        }
        return words
    }
}
