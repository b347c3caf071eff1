import Capture
import Frames
import Settings
import System
import XCLIP

/// Makes the features of an example clip by the published model: those of its window, and those of its first picture held
/// still for the same time.
///
/// The window has the stream's length, in the middle of the clip. The frames spread over the whole of a shorter clip, as
/// in training. The clip gets the stream's crop and masks.
package struct ExampleEncoder {
    package struct Features: Equatable {
        var shown: WindowFeatures
        var still: WindowFeatures
    }

    /// Thrown once the window is full: the rest of the clip is not needed.
    private struct Enough: Error {}

    let model: XCLIPModel
    let encoder: FrameEncoder
    /// With any labels: the features do not depend on them.
    let scorer: WindowScorer

    /// - Throws: `CaptureError` if the clip cannot be opened, breaks, or has no picture.
    func features(of clip: String, on stream: StreamConfiguration) throws(CaptureError) -> Features {
        let frames = model.configuration.frames
        let window = stream.window.seconds
        let wholeWindow = stream.recordingOptions(clip, transform: model.transform, interval: window / Double(frames))
        var (options, first) = (wholeWindow, 0)
        // If the length is unknown, the clip's beginning has to serve.
        if let length = try VideoPictures(wholeWindow).duration, length > 0 {
            options.interval = min(window, length) / Double(frames)
            first = Int((max(0, length - window) / 2 / options.interval).rounded(.down))
        }
        let memory = FrameMemory(model: model, keepsBlockZero: true)
        var opening: [UInt8] = []
        var next = 0
        var pictures = try VideoPictures(options)
        do {
            try pictures.forEach(damage: { _ in }) { frame, pixels in
                memory.hold(ticks: max(0, frame.ticks.lowerBound - next))
                next = frame.ticks.upperBound
                if frame.ticks.lowerBound <= first {
                    opening = Array(UnsafeBufferPointer(start: pixels, count: model.transform.byteCount))
                }
                // Ticks beyond the window's last do not belong to it.
                let ticks = min(next, first + frames) - frame.ticks.lowerBound
                encoder.encode(.exact) { $0.add(pixels, time: frame.time, ticks: max(1, ticks), to: memory) }
                if next >= first + frames { throw Enough() }
            }
        } catch let error as CaptureError {
            throw error
        } catch {
            // Enough.
        }
        guard next > 0 else { throw CaptureError(.ended, "it has no picture") }
        // The last picture may fall one tick short of the clip's length.
        if !memory.isFull { memory.hold(ticks: frames) }
        encoder.encodeWindow(of: memory)
        let shown = scorer.features(of: memory)
        return Features(shown: shown, still: still(opening, frames: frames))
    }

    private func still(_ picture: [UInt8], frames: Int) -> WindowFeatures {
        let memory = FrameMemory(model: model, keepsBlockZero: true)
        picture.withUnsafeBufferPointer { picture in
            guard let base = picture.baseAddress else { return }
            encoder.encode(.exact) { $0.add(base, time: 0, ticks: frames, to: memory) }
        }
        encoder.encodeWindow(of: memory)
        return scorer.features(of: memory)
    }
}
