/// When a sampled picture was shown and which ticks of the sampling grid it stands for. The pixels lie in the buffer
/// that the caller handed over with it.
package struct SampledFrame: Sendable, Equatable {
    /// The presentation time in seconds, as the container gives it.
    package var time: Double
    /// The ticks of the sampling grid this picture is nearest to; never empty.
    package var ticks: Range<Int>

    package init(time: Double, ticks: Range<Int>) {
        self.time = time
        self.ticks = ticks
    }
}
