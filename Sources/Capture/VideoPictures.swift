import Foundation
package import Frames
import System
package import Text

/// A video's sampled pictures in order, as fast as they decode.
package struct VideoPictures: ~Copyable {
    private let video: String
    private var source: VideoSource
    private let pixels: UnsafeMutableBufferPointer<UInt8>

    /// Opens the video. `decodeThreads`: 0 chooses; 1 decodes on the caller's thread only.
    package init(_ video: String, transform: InputTransform, interval: Double, decodeThreads: Int = 0)
        throws(CaptureError)
    {
        var options = SourceOptions(url: video, transform: transform, interval: interval)
        options.decodeThreads = decodeThreads
        try self.init(options)
    }

    /// Opens what the options name; their pace is not asked for.
    package init(_ options: SourceOptions) throws(CaptureError) {
        var options = options
        options.pace = .asFast
        source = try VideoSource(opening: options, cancellation: Cancellation())
        video = options.url
        pixels = .allocate(capacity: options.transform.byteCount)
    }

    deinit { pixels.deallocate() }

    /// Seconds, where the video tells.
    package var duration: Double? { source.info.duration }

    /// Calls `body` with each picture; its bytes are gone after the call. `damage` gets the number of packets and pictures
    /// that did not decode whole, where there are any.
    ///
    /// - Throws: `CaptureError` where the video breaks, and what `body` throws.
    package mutating func forEach(
        damage: (Int) -> Void,
        _ body: (SampledFrame, UnsafePointer<UInt8>) throws -> Void
    ) throws {
        while let frame = try source.next(into: pixels) {
            guard let base = pixels.baseAddress else { break }
            try body(frame, UnsafePointer(base))
        }
        let corrupt = source.statistics.corruptPackets + source.statistics.corruptFrames
        if corrupt > 0 { damage(corrupt) }
        if let broken = source.statistics.endedEarly { throw broken }
    }

    /// "12.3 of 60.0 s"
    package static func progress(_ seconds: Double, of total: Double?) -> String {
        String(format: "%.1f", seconds) + (total.map { String(format: " of %.1f s", $0) } ?? " s")
    }

    /// `count` packets and pictures did not decode whole.
    package static func damaged(_ video: String, count: Int) -> String {
        "\(SourceURL.redacted(video)) is damaged: \(count) packets or pictures did not decode whole"
    }

    /// There was no decision: the pictures, the last of them at `lastTime`, did not fill a window.
    package static func tooShort(
        _ video: String,
        window: Duration,
        lastTime: Double?,
        remedy: String = "give a shorter --window"
    ) -> OperationError {
        let length =
            lastTime.map { "its last sampled frame is at \(($0 * 100).rounded() / 100) s" } ?? "it has no frame"
        return OperationError(
            "\(SourceURL.redacted(video)) is shorter than the window of \(window / .seconds(1)) s (\(length)); "
                + remedy
        )
    }
}
