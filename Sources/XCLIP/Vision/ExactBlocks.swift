import Synchronization

/// The published model's blocks, in floats, which exact passes read.
///
/// Where steps are in floats they are the steps' own. In int8 they are four times as large as those, so they are read from the
/// checkpoint only once there is to be an exact pass.
final class ExactBlocks: Sendable {
    private let kept: Mutex<[VisionBlock]>

    /// - Parameter blocks: empty if they are to be read later.
    init(_ blocks: [VisionBlock]) { kept = Mutex(blocks) }

    /// Empty until they are read.
    var all: [VisionBlock] { kept.withLock { $0 } }

    func fill(_ blocks: [VisionBlock]) { kept.withLock { $0 = blocks } }
}
