package import Frames
package import MediaClock

/// An open source that is read picture by picture: in this process, or in one of its own.
package protocol SourceReading: AnyObject {
    var info: SourceInfo { get }
    var statistics: SourceStatistics { get }
    /// When the last sampled picture was taken, on the monotonic clock.
    var takenAt: Duration { get }
    /// The pictures a second; nil until that is known.
    var rate: Double? { get }
    /// The clock that places the pictures in time, and why it is not the source's own.
    var clockInUse: (clock: SourceClock, reason: String?) { get }

    /// Reads up to the next sampled picture. See `VideoSource.next`.
    func next(into pixels: UnsafeMutableBufferPointer<UInt8>) throws(CaptureError) -> SampledFrame?
}

/// A source that is read in this process.
package final class LocalSource: SourceReading {
    private var source: VideoSource

    /// Opens the source. See `VideoSource.open`.
    package init(
        _ options: SourceOptions,
        cancellation: Cancellation,
        taps: SourceTaps,
        waiting: ((String) -> Void)? = nil
    ) throws(CaptureError) {
        source = try VideoSource.open(options, cancellation: cancellation, taps: taps, waiting: waiting)
    }

    package var info: SourceInfo { source.info }
    package var statistics: SourceStatistics { source.statistics }
    package var takenAt: Duration { source.takenAt }
    package var rate: Double? { source.rate }
    package var clockInUse: (clock: SourceClock, reason: String?) { source.clockInUse }

    package func next(into pixels: UnsafeMutableBufferPointer<UInt8>) throws(CaptureError) -> SampledFrame? {
        try source.next(into: pixels)
    }
}
