/// When a sampled picture is shown and which ticks of the sampling grid it represents. The pixels lie in a buffer that
/// the caller supplies.
package struct SampledFrame: Sendable, Equatable {
    /// The presentation time in seconds, as the container gives it.
    package var time: Double
    /// The ticks of the sampling grid nearest to this picture; never empty.
    package var ticks: Range<Int>
    /// The inputs that the picture gives, one after the other in the buffer.
    package var parts: PictureParts

    package init(time: Double, ticks: Range<Int>, parts: PictureParts = .one) {
        self.time = time
        self.ticks = ticks
        self.parts = parts
    }
}
