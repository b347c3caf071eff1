package import Events

/// One stream and what to look for in it. The options of `defaults:` that hold for it read as its own properties:
/// `stream.window` is `stream.options.window`.
@dynamicMemberLookup
package struct StreamConfiguration: Sendable, Equatable {
    package var name: String
    package var url: StreamURL
    package var labels: [LabelConfiguration]
    /// What to ask of a capture device; nil leaves the device as it is.
    package var input: InputSettings?
    package var options: StreamOptions

    package init(
        name: String,
        url: StreamURL,
        labels: [LabelConfiguration],
        input: InputSettings? = nil,
        options: StreamOptions
    ) {
        self.name = name
        self.url = url
        self.labels = labels
        self.input = input
        self.options = options
    }

    package subscript<Value>(dynamicMember option: KeyPath<StreamOptions, Value>) -> Value {
        options[keyPath: option]
    }
}

/// One thing to look for.
package struct LabelConfiguration: Sendable, Equatable {
    /// What events call it; the text, unless the file gives a name.
    package var name: String
    /// What the model is asked.
    package var text: String
    package var rules: EventRules
    /// Clips that show it: none, or two and more.
    package var examples: [ExampleClip] = []

    package init(name: String, text: String, rules: EventRules, examples: [ExampleClip] = []) {
        self.name = name
        self.text = text
        self.rules = rules
        self.examples = examples
    }
}

/// What to ask of a V4L2 device, each part only if set.
package struct InputSettings: Sendable, Equatable {
    package var size: PixelSize?
    /// Frames a second.
    package var rate: Double?
    /// The pixel format or codec by libav's name: `mjpeg`, `yuyv422`.
    package var format: String?
}

/// A size in pixels.
package struct PixelSize: Sendable, Equatable, CustomStringConvertible {
    package var width: Int
    package var height: Int

    package var description: String { "\(width)x\(height)" }
}
