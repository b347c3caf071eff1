/// When a sampled picture is shown, which ticks of the sampling grid it represents, and what its signal measured. The
/// pixels lie in a buffer that the caller supplies.
package struct SampledFrame: Sendable, Equatable {
    /// The presentation time in seconds, as the container gives it.
    package var time: Double
    /// The ticks of the sampling grid nearest to this picture; never empty.
    package var ticks: Range<Int>
    /// The inputs that the picture gives, one after the other in the buffer.
    package var parts: PictureParts
    /// Nil if the picture was not measured.
    package var measures: PictureMeasures?

    package init(time: Double, ticks: Range<Int>, parts: PictureParts = .one, measures: PictureMeasures? = nil) {
        self.time = time
        self.ticks = ticks
        self.parts = parts
        self.measures = measures
    }
}
