/// New frames of several streams, encoded together so that the weights are read once for all.
///
/// A stream has at most one frame in a batch, since its next one attends to this one. Adding to a batch allocates nothing
/// up to its capacity.
package struct FrameBatch {
    struct Frame {
        let memory: FrameMemory
        /// The state of `memory` that takes what the encoder makes of the frame.
        let state: Int
        /// [S, S, 3] bytes.
        let pixels: UnsafePointer<UInt8>
    }

    private(set) var frames: [Frame] = []
    package let capacity: Int

    /// - Parameter capacity: the most frames at once; that of the encoder (`FrameEncoder.init`) or less.
    package init(capacity: Int) {
        self.capacity = capacity
        frames.reserveCapacity(capacity)
    }

    package var isEmpty: Bool { frames.isEmpty }
    package var count: Int { frames.count }

    /// Gives a frame its place in its stream's window; the encoder fills it.
    ///
    /// - Parameters:
    ///   - pixels: [S, S, 3] bytes, valid until the batch is encoded.
    ///   - time: the frame's presentation time, in seconds.
    ///   - ticks: how many positions of the window the frame stands for, 1 or more.
    package mutating func add(_ pixels: UnsafePointer<UInt8>, time: Double, ticks: Int, to memory: FrameMemory) {
        precondition(frames.count < capacity, "the batch is full")
        precondition(!frames.contains { $0.memory === memory }, "one frame of a stream in a batch")
        frames.append(Frame(memory: memory, state: memory.append(time: time, ticks: ticks), pixels: pixels))
    }

    package mutating func removeAll() { frames.removeAll(keepingCapacity: true) }
}
