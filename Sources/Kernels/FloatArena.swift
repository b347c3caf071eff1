import Glibc

/// Float memory that is allocated once and handed out as rows. One arena holds all activations of a model and frees
/// them with itself.
package final class FloatArena {
    private var blocks: [UnsafeMutableRawPointer] = []
    package private(set) var byteCount = 0

    package init() {}

    deinit { for block in blocks { free(block) } }

    /// Zeroed rows of `width` floats, padded and aligned to a cache line.
    package func makeRows(_ count: Int, width: Int) -> Rows {
        let stride = Rows.paddedStride(width)
        return Rows(base: makeFloats(max(count, 1) * stride), count: count, width: width, stride: stride)
    }

    /// Zeroed rows without padding between them, aligned to a cache line.
    package func makeDenseRows(_ count: Int, width: Int) -> Rows {
        Rows(base: makeFloats(max(count, 1) * width), count: count, width: width, stride: width)
    }

    private func makeFloats(_ count: Int) -> UnsafeMutablePointer<Float> {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        var block: UnsafeMutableRawPointer?
        guard posix_memalign(&block, 64, bytes) == 0, let block else {
            endOutOfMemory(bytes, for: "activations")
        }
        blocks.append(block)
        byteCount += bytes
        let floats = block.bindMemory(to: Float.self, capacity: count)
        floats.initialize(repeating: 0, count: count)
        return floats
    }
}
