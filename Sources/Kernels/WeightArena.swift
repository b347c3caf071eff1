import CKernels
import Glibc
import Synchronization

/// The memory for a model's weights, one matrix after the other, in huge pages if the kernel provides them. A product
/// reads megabytes; with small pages it would also wait for address translation.
///
/// `@unchecked Sendable`: the memory is written before the model is shared and read-only afterwards.
package final class WeightArena: @unchecked Sendable {
    private struct State {
        var chunks: [(start: UnsafeMutableRawPointer, bytes: Int)] = []
        var free = 0
    }

    private static let hugePage = 2 << 20
    /// Large, because the last huge page of a chunk is partly wasted. Address space alone costs nothing.
    private static let chunkBytes = 256 << 20
    private let state = Mutex(State())

    package init() {}

    deinit {
        state.withLock { state in
            for chunk in state.chunks { munmap(chunk.start, chunk.bytes) }
        }
    }

    /// The address space that an arena takes for so many bytes of weights, about.
    package static func mappedBytes(for bytes: Int) -> Int { (bytes / chunkBytes + 1) * chunkBytes + hugePage }

    /// Zeroed memory, aligned to a cache line. Pages that are never touched use no memory.
    func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        let size = (bytes + 63) / 64 * 64
        return state.withLock { state in
            if state.chunks.isEmpty || state.free < size {
                state.chunks.append(Self.map(max(size, Self.chunkBytes)))
                state.free = state.chunks[state.chunks.count - 1].bytes
            }
            let chunk = state.chunks[state.chunks.count - 1]
            defer { state.free -= size }
            return chunk.start + (chunk.bytes - state.free)
        }
    }

    /// Maps memory that begins and ends on a huge page.
    private static func map(_ bytes: Int) -> (start: UnsafeMutableRawPointer, bytes: Int) {
        let size = (bytes + hugePage - 1) / hugePage * hugePage
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard
            let whole = mmap(nil, size + hugePage, PROT_READ | PROT_WRITE, flags, -1, 0),
            whole != MAP_FAILED
        else { endOutOfMemory(bytes, for: "weights") }
        let before = (hugePage - Int(bitPattern: whole) % hugePage) % hugePage
        let start = whole + before
        if before > 0 { munmap(whole, before) }
        if before < hugePage { munmap(start + size, hugePage - before) }
        madvise(start, size, Int32(MADV_HUGEPAGE))
        return (start, size)
    }
}

/// Returns the allocator's free memory to the system. Call it after loading a model, which reads much text once.
package func returnFreeMemory() { ww_return_free_memory() }
