import Synchronization

/// Hands sampled pictures from one capture thread to the inference thread: three preallocated slots, newest wins.
///
/// The producer always owns one slot to write into, the consumer one to read from; the third holds the newest finished
/// picture. A picture that nobody took before the next came is dropped and counted, never queued: the consumer is late,
/// and being later still would not help it.
///
/// `@unchecked Sendable`: a slot's bytes are touched only by the side that owns it, and ownership changes under the lock.
package final class FrameRing: @unchecked Sendable {
    /// A finished picture as the consumer gets it.
    package struct Picture {
        package let frame: SampledFrame
        /// Counts the source's connections: ticks and times of two epochs have nothing to do with one another.
        package let epoch: Int
        /// When it was published, on the monotonic clock.
        package let arrival: Duration
        /// The input's bytes; the consumer's until its next `take`.
        package let pixels: UnsafePointer<UInt8>
    }

    package struct Counts: Sendable, Equatable {
        package var published = 0
        package var dropped = 0
    }

    private struct State {
        var writing = 0
        var ready = 1
        var reading = 2
        var newest: (frame: SampledFrame, epoch: Int, arrival: Duration)?
        var counts = Counts()
    }

    private let slots: UnsafeMutableBufferPointer<UInt8>
    private let byteCount: Int
    private let state = Mutex(State())

    /// `byteCount`: bytes of one picture.
    package init(byteCount: Int) {
        precondition(byteCount > 0, "a picture has bytes")
        self.byteCount = byteCount
        slots = .allocate(capacity: 3 * byteCount)
        slots.initialize(repeating: 0)
    }

    deinit { slots.deallocate() }

    /// Where the producer writes the next picture. For the producer's thread only.
    package var writeBuffer: UnsafeMutableBufferPointer<UInt8> { slot(state.withLock { $0.writing }) }

    /// What stands in `writeBuffer` is finished: it is the newest picture now.
    package func publish(_ frame: SampledFrame, epoch: Int, arrival: Duration) {
        state.withLock { state in
            swap(&state.writing, &state.ready)
            if state.newest != nil { state.counts.dropped += 1 }
            state.counts.published += 1
            state.newest = (frame, epoch, arrival)
        }
    }

    /// The newest picture that has not been taken yet. For the consumer's thread only.
    package func take() -> Picture? {
        let taken = state.withLock { state -> (slot: Int, newest: (SampledFrame, Int, Duration))? in
            guard let newest = state.newest else { return nil }
            swap(&state.ready, &state.reading)
            state.newest = nil
            return (state.reading, newest)
        }
        guard let taken, let base = slot(taken.slot).baseAddress else { return nil }
        return Picture(
            frame: taken.newest.0,
            epoch: taken.newest.1,
            arrival: taken.newest.2,
            pixels: UnsafePointer(base)
        )
    }

    package var counts: Counts { state.withLock { $0.counts } }

    private func slot(_ index: Int) -> UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(rebasing: slots[index * byteCount..<(index + 1) * byteCount])
    }
}
