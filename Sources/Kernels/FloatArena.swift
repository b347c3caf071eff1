import Glibc

/// Float memory that is allocated once and handed out as rows. One arena holds all activations of a model and frees
/// them with itself.
///
/// The pages come from the kernel, zeroed when they are first touched. So rows that a batch of one stream never fills use no
/// memory, and what a short-lived arena used goes back at once.
package final class FloatArena {
    /// Address space alone costs nothing.
    private static let chunkBytes = 1 << 20

    private var chunks: [(start: UnsafeMutableRawPointer, bytes: Int)] = []
    /// Bytes at the end of the last chunk.
    private var free = 0
    package private(set) var byteCount = 0

    package init() {}

    deinit { for chunk in chunks { munmap(chunk.start, chunk.bytes) } }

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
        let count = max(count, 1)
        byteCount += count * MemoryLayout<Float>.stride
        return allocate(count * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: count)
    }

    private func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        let size = (bytes + 63) / 64 * 64
        if chunks.isEmpty || free < size {
            chunks.append(Self.map(max(size, Self.chunkBytes)))
            free = chunks[chunks.count - 1].bytes
        }
        let chunk = chunks[chunks.count - 1]
        defer { free -= size }
        return chunk.start + (chunk.bytes - free)
    }

    private static func map(_ bytes: Int) -> (start: UnsafeMutableRawPointer, bytes: Int) {
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { endOutOfMemory(bytes, for: "activations") }
        return (memory, bytes)
    }
}
