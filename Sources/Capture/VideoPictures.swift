import Foundation
package import Frames
import System
package import Text

/// A video's sampled pictures in order, decoded as fast as possible.
package struct VideoPictures: ~Copyable {
    private let video: String
    private var source: VideoSource
    private let pixels: UnsafeMutableBufferPointer<UInt8>

    /// Opens a video.
    ///
    /// - Parameters:
    ///   - video: its path or URL.
    ///   - transform: how a picture becomes the model's input.
    ///   - interval: seconds between two ticks of the sampling grid.
    ///   - view: how much of a picture is seen.
    ///   - decodeThreads: 0 uses the default; 1 decodes on the caller's thread only.
    package init(
        _ video: String,
        transform: InputTransform,
        interval: Double,
        view: PictureView,
        decodeThreads: Int = 0
    ) throws(CaptureError) {
        var options = SourceOptions(url: video, transform: transform, interval: interval)
        options.view = view
        options.decodeThreads = decodeThreads
        try self.init(options)
    }

    /// Opens the source that the options name. Their pace is ignored.
    package init(_ options: SourceOptions) throws(CaptureError) {
        var options = options
        options.pace = .asFast
        source = try VideoSource.open(options, cancellation: Cancellation())
        video = options.url
        pixels = .allocate(capacity: options.inputBytes)
    }

    deinit { pixels.deallocate() }

    /// The duration in seconds; nil if the video does not declare it.
    package var duration: Double? { source.info.duration }

    /// Calls `body` with each sampled picture.
    ///
    /// - Parameters:
    ///   - damage: receives the number of packets and pictures that are lost or did not decode completely, if there are any.
    ///   - body: receives the picture; its bytes are valid during the call only.
    /// - Throws: `CaptureError` if the video breaks, and the errors of `body`.
    package mutating func forEach(
        damage: (Int) -> Void,
        _ body: (SampledFrame, UnsafePointer<UInt8>) throws -> Void
    ) throws {
        while let frame = try source.next(into: pixels) {
            guard let base = pixels.baseAddress else { break }
            try body(frame, UnsafePointer(base))
        }
        let damaged = source.statistics.damaged
        if damaged > 0 { damage(damaged) }
        if let broken = source.statistics.endedEarly { throw broken }
    }

    /// A text such as "12.3 of 60.0 s".
    package static func progress(_ seconds: Double, of total: Double?) -> String {
        String(format: "%.1f", seconds) + (total.map { String(format: " of %.1f s", $0) } ?? " s")
    }

    /// The message that `count` packets and pictures are lost or did not decode completely.
    package static func damaged(_ video: String, count: Int) -> String {
        "\(Redaction().redact(video)) is damaged: \(count) packets or pictures are lost or did not decode completely"
    }

    /// The error for a video whose pictures did not fill a window, so that no decision was made.
    ///
    /// - Parameters:
    ///   - video: its path or URL.
    ///   - window: the length of the window.
    ///   - lastTime: the time of the last sampled picture, in seconds; nil if there was none.
    ///   - remedy: the end of the message.
    package static func tooShort(
        _ video: String,
        window: Duration,
        lastTime: Double?,
        remedy: String = "use a shorter --window"
    ) -> OperationError {
        let length =
            lastTime.map { "its last sampled frame is at \(($0 * 100).rounded() / 100) s" } ?? "it has no frame"
        return OperationError(
            "\(Redaction().redact(video)) is shorter than the window of \(window / .seconds(1)) s (\(length)); "
                + remedy
        )
    }
}
