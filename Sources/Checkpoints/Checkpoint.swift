/// A model's named weights, from one file or several.
package struct Checkpoint: Sendable {
    /// The file or index that an error names.
    package let path: String
    package let tensors: [String: Tensor]
    /// The types of the entries that are not weights, by name: integers, doubles, objects.
    package let others: [String: String]
    /// What a training tool had put before every name of the model's weights; empty if nothing.
    package let prefix: String

    package init(path: String, tensors: [String: Tensor], others: [String: String] = [:], prefix: String = "") {
        self.path = path
        self.tensors = tensors
        self.others = others
        self.prefix = prefix
    }

    /// The tensor `name`, which must have `shape`.
    package func tensor(_ name: String, shape: [Int]) throws(CheckpointError) -> Tensor {
        guard let tensor = tensors[name] else {
            if let other = others[name] {
                throw CheckpointError(
                    .unsupported,
                    at: path,
                    "tensor \(name) is stored as \(other); weights must be float64, float32, float16 or bfloat16: save it as float32"
                )
            }
            throw CheckpointError(
                .missingTensor,
                at: path,
                "no tensor \(name) of shape \(shape); is this an X-CLIP checkpoint?"
            )
        }
        // Some tools save a number as a list of one.
        if shape.isEmpty && tensor.shape == [1] { return tensor.scalar() }
        guard tensor.shape == shape else {
            throw CheckpointError(
                .wrongShape,
                at: path,
                "tensor \(name) has shape \(tensor.shape), config.json asks for \(shape)"
            )
        }
        return tensor
    }
}
