package import Events

/// What the inference worker says about a stream. Called on the worker's thread: must not block.
package protocol RecognitionOutput: Sendable {
    /// A label's event went a step further. `label` is its index in `allLabels`. `confirmed`: the published model decided
    /// it, or the label is a signal's, which no model decides.
    func transition(_ transition: Transition, label: Int, confirmed: Bool, of stream: StreamSpecification)
    /// A decision was made. `scores` one for each label; `logits` too.
    func decided(_ decision: Decision, of stream: StreamSpecification)
}

/// One scoring of a stream's window.
package struct Decision: Sendable, Equatable {
    /// When the newest frame came, on the monotonic clock.
    package var time: Duration
    /// How long after that the scores were there.
    package var lag: Duration
    /// One for each label, as are the logits.
    package var scores: [Double]
    package var logits: [Float]
    /// Whether the published model, on this very window, made them.
    package var confirmed: Bool
}
