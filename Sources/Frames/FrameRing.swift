import Synchronization

/// Passes sampled pictures from one capture thread to the inference thread: three preallocated slots, newest wins.
///
/// The producer always owns one slot to write into, and the consumer owns one to read from. The third slot holds the
/// newest finished picture. If the next picture arrives before the consumer has taken it, it is dropped and counted. A
/// queue would only make a late consumer later.
///
/// `@unchecked Sendable`: only the owner of a slot accesses its bytes, and ownership changes under the lock.
package final class FrameRing: @unchecked Sendable {
    /// A finished picture as the consumer gets it.
    package struct Picture {
        package let frame: SampledFrame
        /// The number of the source's connection. Ticks and times of different epochs cannot be compared.
        package let epoch: Int
        /// When the picture was published, on the monotonic clock.
        package let arrival: Duration
        /// The input's bytes. They belong to the consumer until its next `take`.
        package let pixels: UnsafePointer<UInt8>
    }

    package struct Counts: Sendable, Equatable {
        package var published = 0
        /// Replaced by a newer one before the consumer took them.
        package var dropped = 0
        /// Of a source that is gone.
        package var discarded = 0
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

    /// - Parameter byteCount: the bytes of one picture.
    package init(byteCount: Int) {
        precondition(byteCount > 0, "a picture has bytes")
        self.byteCount = byteCount
        slots = .allocate(capacity: 3 * byteCount)
        slots.initialize(repeating: 0)
    }

    deinit { slots.deallocate() }

    /// The buffer for the producer's next picture. Use it on the producer's thread only.
    package var writeBuffer: UnsafeMutableBufferPointer<UInt8> { slot(state.withLock { $0.writing }) }

    /// Publishes the picture in `writeBuffer` as the newest. Call it on the producer's thread only.
    ///
    /// - Parameters:
    ///   - frame: when the picture is shown.
    ///   - epoch: the number of the source's connection.
    ///   - arrival: now, on the monotonic clock.
    package func publish(_ frame: SampledFrame, epoch: Int, arrival: Duration) {
        state.withLock { state in
            swap(&state.writing, &state.ready)
            if state.newest != nil { state.counts.dropped += 1 }
            state.counts.published += 1
            state.newest = (frame, epoch, arrival)
        }
    }

    /// Takes the newest picture; nil if there is none since the last call. Call it on the consumer's thread only.
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

    /// Drops the picture that waits, if there is one: its source is gone. The consumer keeps the one that it has taken.
    package func discard() {
        state.withLock { state in
            guard state.newest != nil else { return }
            state.newest = nil
            state.counts.discarded += 1
        }
    }

    package var counts: Counts { state.withLock { $0.counts } }

    private func slot(_ index: Int) -> UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(rebasing: slots[index * byteCount..<(index + 1) * byteCount])
    }
}
