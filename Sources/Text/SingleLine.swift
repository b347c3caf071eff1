extension String {
    /// The text with each control character, including newlines, replaced by a space.
    package var singleLine: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }
}
