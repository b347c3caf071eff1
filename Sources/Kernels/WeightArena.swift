import CKernels
import Glibc
import Synchronization

/// Memory that a model's weights lie in, one matrix behind the other, in huge pages where the kernel gives them: a product
/// walks megabytes, and with small pages it would wait for their addresses as well.
///
/// `@unchecked Sendable`: what is handed out is written before the model is shared and only read afterwards.
package final class WeightArena: @unchecked Sendable {
    private struct State {
        var chunks: [(start: UnsafeMutableRawPointer, bytes: Int)] = []
        var free = 0
    }

    private static let hugePage = 2 << 20
    /// Large, since the last huge page that a chunk touches is in part wasted; address space alone costs nothing.
    private static let chunkBytes = 256 << 20
    private let state = Mutex(State())

    package init() {}

    deinit {
        state.withLock { state in
            for chunk in state.chunks { munmap(chunk.start, chunk.bytes) }
        }
    }

    /// Zeroed memory, aligned to a cache line; pages that are never touched take no room.
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

    /// A mapping that begins and ends on a huge page.
    private static func map(_ bytes: Int) -> (start: UnsafeMutableRawPointer, bytes: Int) {
        let size = (bytes + hugePage - 1) / hugePage * hugePage
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard
            let whole = mmap(nil, size + hugePage, PROT_READ | PROT_WRITE, flags, -1, 0),
            whole != MAP_FAILED
        else { preconditionFailure("out of memory for \(bytes) bytes of weights") }
        let before = (hugePage - Int(bitPattern: whole) % hugePage) % hugePage
        let start = whole + before
        if before > 0 { munmap(whole, before) }
        if before < hugePage { munmap(start + size, hugePage - before) }
        madvise(start, size, Int32(MADV_HUGEPAGE))
        return (start, size)
    }
}

/// Gives back to the system what the allocator keeps free: after loading a model, which reads a lot of text once.
package func returnFreeMemory() { ww_return_free_memory() }
