/// A text and its place. Texts that differ only in the place are equal.
package struct PlacedText: Sendable, Equatable {
    package var text: String
    /// Nil if it comes from no file.
    package var place: Place?

    package init(_ text: String, place: Place? = nil) {
        self.text = text
        self.place = place
    }

    package static func == (left: PlacedText, right: PlacedText) -> Bool { left.text == right.text }
}
