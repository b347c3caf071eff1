import Frames

/// A state of the video signal that is seen without the model.
package enum Signal: String, Sendable, CaseIterable {
    /// Hardly any detail anywhere, at any level and in any colour.
    case blank
    /// The same picture again and again, but for the codec's noise and a small region such as a clock.
    case frozen
    /// The decoder reports damage: packets that are corrupt, pictures with concealed or missing parts, pictures lost. Or the picture shows
    /// it, because it was damaged before it was coded for the last time.
    case damaged
    /// Drowned in noise.
    case noise
    /// Not blank, but without light to recognise anything by.
    case dark
    /// Without colour, from a camera that has shown colours: switched to infra-red.
    case infrared
    /// Colours again, from a camera that had switched to infra-red.
    case day
    /// The camera turns: what it sees moves the other way, at the borders too.
    case panLeft = "pan-left"
    case panRight = "pan-right"
    case tiltUp = "tilt-up"
    case tiltDown = "tilt-down"
    /// Another view than before, all at once: the camera was knocked, or the source shows another camera.
    case moved
    /// The camera goes to and fro.
    case shake
    /// Two fifths or more of what has edges is hidden, by something that came all at once and is out of focus.
    case covered
    /// The fine detail is gone all over the picture, and what is coarse remains.
    case defocus
    /// The light falls, or rises, alike all over the picture, and stays so.
    case lightsOut = "lights-out"
    case lightsOn = "lights-on"
    /// Parts of the picture become lighter and are as before within a second, again and again.
    case flash
    /// A picture that was lively stands all at once.
    case stopped

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

extension Signal {
    /// Whether it is right often enough for an alarm, by its events on real scenes that nothing was chosen on: an F1 of 0.8
    /// and more, and none in half an hour of untouched footage. No bench has frozen or dark scenes; there they gave no false
    /// event either. A stream that names no labels gets these.
    package var isReliable: Bool {
        switch self {
        case .blank, .frozen, .noise, .dark, .infrared, .day, .lightsOut, .lightsOn: true
        case .panLeft, .panRight, .tiltUp, .tiltDown, .shake: true
        case .damaged, .moved, .covered, .defocus, .flash, .stopped: false
        }
    }

    /// Whether it is seen by nothing but views, many a second: what the camera itself does, or what is done to it.
    package var isOfCamera: Bool { needsViews && self != .damaged }

    /// Whether views show it.
    package var needsViews: Bool { trouble != nil }

    /// What it is among the measures over several pictures; nil for one that single pictures show.
    var trouble: CameraTrouble? {
        switch self {
        case .blank, .frozen, .noise, .dark, .infrared: nil
        case .damaged: .torn
        case .day: .day
        case .panLeft: .panLeft
        case .panRight: .panRight
        case .tiltUp: .tiltUp
        case .tiltDown: .tiltDown
        case .moved: .moved
        case .shake: .shake
        case .covered: .covered
        case .defocus: .defocus
        case .lightsOut: .lightsOut
        case .lightsOn: .lightsOn
        case .flash: .flash
        case .stopped: .stopped
        }
    }
}
