import Capture
import Frames
import Settings
import System
import XCLIP

/// Makes the features of an example clip by the published model: those of its window, and those of its first picture held
/// still for the same time.
///
/// The window has the stream's length, in the middle of the clip. The frames spread over the whole of a shorter clip, as
/// in training. The clip gets the stream's crop, masks and view. Of several tiles, the one counts whose window differs most from
/// its first picture: that is where the thing happens.
package struct ExampleEncoder {
    package struct Features: Equatable {
        var shown: WindowFeatures
        var still: WindowFeatures
    }

    /// The most windows of one video.
    private static let windowLimit = 100

    /// Thrown once the rest of a video is not needed.
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
        var opening: [UInt8] = []
        let inputBytes = model.transform.byteCount
        var pictures = try VideoPictures(options)
        // Ticks beyond the window's last do not belong to it.
        let memories = try watch(&pictures, until: first + frames) { memories, frame, pixels in
            guard frame.ticks.lowerBound <= first || opening.count != memories.count * inputBytes else { return }
            opening = Array(UnsafeBufferPointer(start: pixels, count: memories.count * inputBytes))
        }
        var best: (features: Features, likeness: Float)?
        for (index, memory) in memories.enumerated() {
            // The last picture may fall one tick short of the clip's length.
            if !memory.isFull { memory.hold(ticks: frames) }
            encoder.encodeWindow(of: memory)
            let picture = opening[index * inputBytes..<(index + 1) * inputBytes]
            let features = Features(shown: scorer.features(of: memory), still: still(picture, frames: frames))
            let likeness = zip(features.shown.unitVideo, features.still.unitVideo).reduce(0) { $0 + $1.0 * $1.1 }
            if best.map({ likeness < $0.likeness }) ?? true { best = (features, likeness) }
        }
        guard let best else { throw CaptureError(.ended, "it has no picture") }
        return best.features
    }

    /// The features of a video's windows, one after another, at most `windowLimit` of them spread over the video. Of several
    /// tiles each has its own.
    ///
    /// - Throws: `CaptureError` if the video cannot be opened, breaks, or is shorter than a window.
    func windows(of video: String, on stream: StreamConfiguration) throws(CaptureError) -> [WindowFeatures] {
        let frames = model.configuration.frames
        let interval = stream.window.seconds / Double(frames)
        let options = stream.recordingOptions(video, transform: model.transform, interval: interval)
        var pictures = try VideoPictures(options)
        let length = pictures.duration ?? 0
        let stride = max(1, Int((length / stream.window.seconds / Double(Self.windowLimit)).rounded(.up)))
        var (made, window): ([WindowFeatures], Int) = ([], 0)
        _ = try watch(&pictures) { memories, frame, _ in
            let next = frame.ticks.upperBound
            guard next / frames > window, memories.allSatisfy(\.isFull) else { return }
            window = next / frames
            guard window % stride == 0 else { return }
            for memory in memories {
                encoder.encodeWindow(of: memory)
                made.append(scorer.features(of: memory))
            }
        }
        guard !made.isEmpty else { throw CaptureError(.ended, "it is shorter than a window") }
        return made
    }

    /// Encodes a video's pictures in their order, each part of the view into a memory of its own.
    ///
    /// - Parameters:
    ///   - end: the tick before which it stops.
    ///   - body: called after each picture, with its parts' pixels one after another.
    /// - Returns: the memories after the last picture.
    private func watch(
        _ pictures: inout VideoPictures,
        until end: Int = .max,
        _ body: ([FrameMemory], SampledFrame, UnsafePointer<UInt8>) -> Void
    ) throws(CaptureError) -> [FrameMemory] {
        var (memories, parts): ([FrameMemory], PictureParts?) = ([], nil)
        var next = 0
        do {
            try pictures.forEach(damage: { _ in }) { frame, pixels in
                if frame.parts != parts {
                    parts = frame.parts
                    memories = (0..<frame.parts.count).map { _ in FrameMemory(model: model, keepsBlockZero: true) }
                }
                for memory in memories { memory.hold(ticks: max(0, frame.ticks.lowerBound - next)) }
                next = frame.ticks.upperBound
                let ticks = max(1, min(next, end) - frame.ticks.lowerBound)
                for (index, memory) in memories.enumerated() {
                    let part = pixels + index * model.transform.byteCount
                    encoder.encode(.exact) { $0.add(part, time: frame.time, ticks: ticks, to: memory) }
                }
                body(memories, frame, pixels)
                if next >= end { throw Enough() }
            }
        } catch let error as CaptureError {
            throw error
        } catch {
            // Enough.
        }
        return memories
    }

    private func still(_ picture: ArraySlice<UInt8>, frames: Int) -> WindowFeatures {
        let memory = FrameMemory(model: model, keepsBlockZero: true)
        picture.withUnsafeBufferPointer { picture in
            guard let base = picture.baseAddress else { return }
            encoder.encode(.exact) { $0.add(base, time: 0, ticks: frames, to: memory) }
        }
        encoder.encodeWindow(of: memory)
        return scorer.features(of: memory)
    }
}
