import Checkpoints
import Kernels

/// Reads a checkpoint's weights into the layout of the kernels, in the type they are stored in or another.
struct WeightReader {
    let file: Checkpoint
    let backend: KernelBackend
    let arena = WeightArena()
    /// Where matrices in int8 may lie packed.
    private let packed: PackedFile?
    /// What matrices are stored in; nil for the type of the file's tensors.
    private var storage: WeightStorage?

    init(file: Checkpoint, backend: KernelBackend, packed: PackedFile? = nil) {
        self.file = file
        self.backend = backend
        self.packed = packed
    }

    /// The same reader for matrices in `storage`.
    func storing(_ storage: WeightStorage) -> WeightReader {
        var reader = self
        reader.storage = storage
        return reader
    }

    func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        let values = try file.tensor(name, shape: shape).floats()
        try values.withUnsafeBufferPointer { values throws(CheckpointError) in try check(values, of: name) }
        return values
    }

    /// `name.weight` [outputs, inputs] and, where it has one, `name.bias`.
    func linear(_ name: String, inputs: Int, outputs: Int, bias: Bool = true) throws(CheckpointError) -> Linear {
        try linear([name], inputs: inputs, outputs: outputs, bias: bias)
    }

    /// Several matrices of one input as one product, their outputs side by side (Q, K and V).
    func linear(_ names: [String], inputs: Int, outputs: Int, bias: Bool = true) throws(CheckpointError) -> Linear {
        var tensors: [Tensor] = []
        var biases: [Float] = []
        for name in names {
            tensors.append(try file.tensor(name + ".weight", shape: [outputs, inputs]))
            if bias { biases += try floats(name + ".bias", shape: [outputs]) }
        }
        let name = names.joined(separator: ", ")
        var matrices: [Matrix] = []
        return try Linear(
            inputs: inputs,
            outputs: outputs * names.count,
            bias: bias ? biases : nil,
            storage: storage(of: tensors),
            backend: backend,
            arena: arena,
            readPacked: packed.map { packed in { packed.read(name, into: $0) } }
        ) { (range: Range<Int>, floats: UnsafeMutableBufferPointer<Float>) throws(CheckpointError) in
            if matrices.isEmpty { for tensor in tensors { matrices.append(try Matrix(tensor)) } }
            // The rows of one tensor at a time.
            var row = range.lowerBound
            while row < range.upperBound {
                let (matrix, first) = row.quotientAndRemainder(dividingBy: outputs)
                let count = min(outputs - first, range.upperBound - row)
                let place = (row - range.lowerBound) * inputs
                try matrices[matrix].read(
                    first * inputs..<(first + count) * inputs,
                    into: UnsafeMutableBufferPointer(rebasing: floats[place..<place + count * inputs])
                )
                row += count
            }
            try check(floats, of: name)
        }
    }

    /// A tensor whose rows are read piece by piece from the file; one with gaps, which would be read whole each time, from
    /// memory.
    private enum Matrix {
        case inFile(Tensor)
        case inMemory([Float])

        init(_ tensor: Tensor) throws(CheckpointError) {
            self = tensor.isDense ? .inFile(tensor) : .inMemory(try tensor.floats())
        }

        func read(
            _ elements: Range<Int>,
            into output: UnsafeMutableBufferPointer<Float>
        ) throws(CheckpointError) {
            switch self {
            case .inFile(let tensor): try tensor.read(elements, into: output)
            case .inMemory(let values): _ = output.update(fromContentsOf: values[elements])
            }
        }
    }

    /// The matrix `name` [inputs, outputs], applied as x · P (the prompts' visual projection is stored so).
    func transposed(_ name: String, inputs: Int, outputs: Int) throws(CheckpointError) -> Linear {
        let tensor = try file.tensor(name, shape: [inputs, outputs])
        let values = try floats(name, shape: [inputs, outputs])
        return Linear(
            inputs: inputs,
            outputs: outputs,
            bias: nil,
            storage: storage(of: [tensor]),
            backend: backend,
            arena: arena
        ) { (range: Range<Int>, floats: UnsafeMutableBufferPointer<Float>) in
            for (offset, row) in range.enumerated() {
                for column in 0..<inputs { floats[offset * inputs + column] = values[column * outputs + row] }
            }
        }
    }

    /// A model that holds an infinity scores nothing, for ever, and would say nothing of it.
    private func check(_ values: some Collection<Float>, of name: String) throws(CheckpointError) {
        if !values.allSatisfy(\.isFinite) {
            throw CheckpointError(
                .malformed,
                at: file.path,
                "tensor \(name) holds values that are no numbers; convert it again"
            )
        }
    }

    func norm(_ name: String, width: Int, epsilon: Float) throws(CheckpointError) -> LayerNorm {
        LayerNorm(
            weight: try floats(name + ".weight", shape: [width]),
            bias: try floats(name + ".bias", shape: [width]),
            epsilon: epsilon
        )
    }

    private func storage(of tensors: [Tensor]) -> WeightStorage {
        if let storage { return storage }
        if tensors.allSatisfy({ $0.type == .float16 }) { return .float16 }
        return tensors.allSatisfy { $0.type == .bfloat16 } ? .bfloat16 : .float32
    }
}
