/// A state of the video signal that is seen without the model.
package enum Signal: String, Sendable, CaseIterable {
    /// Hardly any detail anywhere, at any level and in any colour.
    case blank
    /// The same picture again and again, but for the codec's noise and a small region such as a clock.
    case frozen
    /// The decoder reports damage: packets that are corrupt, pictures with concealed or missing parts.
    case damaged
    /// Drowned in noise.
    case noise
    /// Not blank, but without light to recognise anything by.
    case dark
    /// Without colour, from a camera that has shown colours: switched to infra-red.
    case infrared

    /// What the texts of built-in labels begin with.
    package static let prefix = "signal:"

    /// The text of the built-in label.
    package var label: String { Self.prefix + rawValue }

    /// The signal that a label's text names; nil for any other text.
    package init?(label: String) {
        guard label.hasPrefix(Self.prefix) else { return nil }
        self.init(rawValue: String(label.dropFirst(Self.prefix.count)))
    }
}
