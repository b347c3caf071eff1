/// Which of a picture's tiles an event was seen in.
package enum PicturePart: String, Sendable, CaseIterable {
    case left, top, middle, right, bottom
}
