import Frames
import System
import XCLIP

/// How many frames per second this machine recognises with a model, measured when the host joins its fleet.
enum HostCapacity {
    private static let streams = 4
    private static let steps = 3
    private static let limit = Duration.seconds(2)

    /// Encodes synthetic frames of several streams at the level `cached`: one batch to warm up, then some more.
    static func measure(_ model: XCLIPModel, threads: Int) -> Double {
        let encoder = FrameEncoder(model: model, team: model.makeTeam(threads: threads), batch: streams)
        let memories = (0..<streams).map { _ in FrameMemory(model: model, keepsBlockZero: false) }
        let pixels = [UInt8](repeating: 127, count: model.transform.byteCount)
        return pixels.withUnsafeBufferPointer { pixels in
            guard let picture = pixels.baseAddress else { return 0 }
            var best = Duration.seconds(3600)
            let begun = MonotonicTime.now
            for step in 0...steps {
                let start = MonotonicTime.now
                encoder.encode(.cached) { batch in
                    for memory in memories { batch.add(picture, time: 0, ticks: 1, to: memory) }
                }
                // The first batch warms up, unless the machine is so slow that it has to do.
                if step > 0 || MonotonicTime.now - begun > limit { best = min(best, MonotonicTime.now - start) }
                if MonotonicTime.now - begun > limit { break }
            }
            return Double(streams) / best.seconds
        }
    }
}
