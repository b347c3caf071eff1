public import Events

/// One stream and what to look for in it. The options of `defaults:` that hold for it read as its own properties:
/// `stream.window` is `stream.options.window`.
@dynamicMemberLookup
public struct StreamConfiguration: Sendable, Equatable {
    public var name: String
    public var url: StreamURL
    public var labels: [LabelConfiguration]
    /// What to ask of a capture device; nil leaves the device as it is.
    public var input: InputSettings?
    public var options: StreamOptions

    public subscript<Value>(dynamicMember option: KeyPath<StreamOptions, Value>) -> Value {
        options[keyPath: option]
    }
}

/// One thing to look for.
public struct LabelConfiguration: Sendable, Equatable {
    /// What events call it; the text, unless the file gives a name.
    public var name: String
    /// What the model is asked.
    public var text: String
    public var rules: EventRules
    /// Clips that show it: none, or two and more.
    public var examples: [ExampleClip] = []
}

/// What to ask of a V4L2 device, each part only if set.
public struct InputSettings: Sendable, Equatable {
    public var size: PixelSize?
    /// Frames a second.
    public var rate: Double?
    /// The pixel format or codec by libav's name: `mjpeg`, `yuyv422`.
    public var format: String?
}

/// A size in pixels.
public struct PixelSize: Sendable, Equatable, CustomStringConvertible {
    public var width: Int
    public var height: Int

    public var description: String { "\(width)x\(height)" }
}
