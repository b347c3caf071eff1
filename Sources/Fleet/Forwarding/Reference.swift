/// How a message's header names a message before it: by its sequence, or, within a batch whose sequences are not known yet,
/// by the distance, such as `-3`. The messages of a batch have consecutive sequences.
enum Reference {
    static func before(_ distance: Int) -> String { "-\(distance)" }

    /// The sequence that a message with this sequence names; nil if the text is no reference.
    static func sequence(_ text: Substring, in message: UInt64) -> UInt64? {
        guard text.hasPrefix("-") else { return UInt64(text) }
        guard let distance = UInt64(text.dropFirst()), distance < message else { return nil }
        return message - distance
    }
}
