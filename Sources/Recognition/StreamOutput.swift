public import Events

/// What the inference worker says about a stream. Called on the worker's thread: must not block.
public protocol RecognitionOutput: Sendable {
    /// A label's event went a step further. `confirmed`: the published model decided it.
    func transition(_ transition: Transition, label: Int, confirmed: Bool, of stream: StreamSpecification)
    /// A decision was made. `scores` one for each label; `logits` too.
    func decided(_ decision: Decision, of stream: StreamSpecification)
}

/// One scoring of a stream's window.
public struct Decision: Sendable, Equatable {
    /// When the newest frame came, on the monotonic clock.
    public var time: Duration
    /// How long after that the scores were there.
    public var lag: Duration
    /// One for each label.
    public var scores: [Double]
    public var logits: [Float]
    /// Whether the published model, on this very window, made them.
    public var confirmed: Bool
}
