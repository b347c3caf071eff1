import Synchronization

/// The blocks in floats: the published model's.
///
/// Four times the size of the blocks in int8. Where all steps are in int8, they are read only when something is first computed
/// in floats.
final class FloatBlocks: Sendable {
    private let kept: Mutex<[VisionBlock]>

    /// - Parameter blocks: empty if they are to be read later.
    init(_ blocks: [VisionBlock]) { kept = Mutex(blocks) }

    /// Empty until they are read.
    var all: [VisionBlock] { kept.withLock { $0 } }

    func fill(_ blocks: [VisionBlock]) { kept.withLock { $0 = blocks } }
}
