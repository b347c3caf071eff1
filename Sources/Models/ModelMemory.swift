import Kernels
import System
import Text
import XCLIP

/// The memory that a model needs, asked for before anything of it is loaded: an allocation that fails later ends the process.
struct ModelMemory {
    /// Bytes of the vision encoder and the heads, which stay, and of the text encoder, which is loaded after them and freed.
    private let parts: [Int]
    /// Bytes to work in.
    private let workspace: Int

    /// - Parameter weightBytes: of the files. Weights may be stored in half the space.
    init(_ configuration: XCLIPConfiguration, weightBytes: Int, _ precision: Precision) {
        var (text, others) = (0, 0)
        for tensor in configuration.tensors {
            let count = tensor.shape.reduce(1, *)
            if tensor.isText { text += count } else { others += count }
        }
        let share = min(1, Double(weightBytes) / Double(max(1, 4 * (text + others))))
        // Most of the others are the blocks' weights, which in int8 take a byte each beside the floats.
        let quantised = precision == .int8 ? others : 0
        parts = [Int(Double(4 * others) * share) + quantised, Int(Double(4 * text) * share)]
        let rows = configuration.frames * (configuration.tokens + 1)
        workspace = 32 << 20 + 16 * rows * configuration.vision.width * 4
    }

    var byteCount: Int { parts.reduce(workspace, +) }

    /// - Throws: `OperationError` if the process may not have so much.
    func check(model: String) throws(OperationError) {
        let need = "the model \(model) needs about \(byteCount >> 20) MiB of memory"
        if let (limit, name) = MemoryLimit.smallest, byteCount > limit {
            throw OperationError("\(need), and \(name) is \(limit >> 20) MiB; raise it or use a smaller model")
        }
        let mapped = parts.reduce(workspace) { $0 + WeightArena.mappedBytes(for: $1) }
        if !MemoryLimit.permitsMapping(mapped) {
            throw OperationError(
                "\(need), and the system gives this process none; check ulimit -v and the free memory, or use a smaller model"
            )
        }
    }
}
