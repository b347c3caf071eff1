package import ConfigurationText
package import Events
package import Signals
package import XCLIP

/// A stream and its labels. The stream's options read as its own properties: `stream.window` is `stream.options.window`.
@dynamicMemberLookup
package struct StreamConfiguration: Sendable, Equatable {
    package var name: String
    package var url: StreamURL
    /// What the model looks for; none if only the signal is watched.
    package var labels: [LabelConfiguration]
    /// What the signal is watched for.
    package var signals: [SignalConfiguration]
    /// Requests to a capture device; nil leaves the device as it is.
    package var input: InputSettings?
    package var options: StreamOptions

    package init(
        name: String,
        url: StreamURL,
        labels: [LabelConfiguration],
        signals: [SignalConfiguration] = [],
        input: InputSettings? = nil,
        options: StreamOptions
    ) {
        self.name = name
        self.url = url
        self.labels = labels
        self.signals = signals
        self.input = input
        self.options = options
    }

    /// Every label that may have events: the model's, then the signals'.
    package var allLabels: [LabelConfiguration] { labels + signals.map(\.label) }

    /// Whether any label is of what the camera does or suffers, which takes several pictures to see.
    package var watchesCamera: Bool { signals.contains { $0.signal.needsViews } }

    /// The signals that are measured: most of them always, those of the camera if one is listed.
    package var measuredSignals: [Signal] { Signal.allCases.filter { !$0.isOfCamera || watchesCamera } }

    package subscript<Value>(dynamicMember option: KeyPath<StreamOptions, Value>) -> Value {
        options[keyPath: option]
    }
}

/// A label to look for.
package struct LabelConfiguration: Sendable, Equatable {
    /// The name in events: the first text, unless the file gives a name.
    package var name: String
    /// The texts that the model scores: at least one.
    package var texts: [PlacedText]
    /// How several texts make one score.
    package var combination = TextCombination.mean
    /// Texts that take score from this label alone.
    package var against: [PlacedText] = []
    package var rules: EventRules
    /// Clips that show the label: none, or at least two.
    package var examples: [ExampleClip] = []

    package init(
        name: String,
        texts: [PlacedText],
        combination: TextCombination = .mean,
        against: [PlacedText] = [],
        rules: EventRules,
        examples: [ExampleClip] = []
    ) {
        precondition(!texts.isEmpty, "a label needs a text")
        self.name = name
        self.texts = texts
        self.combination = combination
        self.against = against
        self.rules = rules
        self.examples = examples
    }

    /// The text that events have: the first.
    package var text: String { texts[0].text }
}

/// A built-in label, which the signal decides without the model.
package struct SignalConfiguration: Sendable, Equatable {
    package var signal: Signal
    package var label: LabelConfiguration

    package init(signal: Signal, label: LabelConfiguration) {
        self.signal = signal
        self.label = label
    }
}

/// Requests to a V4L2 device. A part that is nil is not requested.
package struct InputSettings: Sendable, Equatable {
    package var size: PixelSize?
    /// Frames per second.
    package var rate: Double?
    /// libav's name of the pixel format or codec, such as `mjpeg` or `yuyv422`.
    package var format: String?
}

/// A size in pixels.
package struct PixelSize: Sendable, Equatable, CustomStringConvertible {
    package var width: Int
    package var height: Int

    package var description: String { "\(width)x\(height)" }
}
