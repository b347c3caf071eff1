package import Checkpoints
import Foundation

/// A LoRA adapter as PEFT saves it: for some linear layers two thin matrices A and B, whose product changes the weight.
///
///     W' = W + scale · B · A,   scale = lora_alpha / r, or lora_alpha / √r with use_rslora
///
/// Source: `lora/layer.py` of huggingface/peft. Only plain LoRA on linear layers is merged; everything else is refused.
package struct LoRAAdapter: Sendable {
    /// The model that the adapter was trained on, as its file names it.
    package let base: String?
    private let path: String
    private let scale: Float
    /// By the name of the weight that they change: A [r, inputs] and B [outputs, r].
    private let matrices: [String: (a: Tensor, b: Tensor)]

    static let fileName = "adapter_config.json"

    package static func isIn(_ directory: String) -> Bool {
        FileManager.default.fileExists(atPath: directory + "/" + fileName)
    }

    package init(directory: String) throws(CheckpointError) {
        let file = try JSONFile(path: directory + "/" + Self.fileName)
        base = try file.text("base_model_name_or_path")
        path = file.path
        try Self.refuseOthers(file)
        let rank = Double(try file.size("r", default: 8, most: 1 << 16))
        let alpha = try file.number("lora_alpha", default: 8)
        let stable = "use_rslora"
        let isStable = file.isNull(stable) ? false : try file.flag(stable, default: false)
        scale = Float(alpha / (isStable ? rank.squareRoot() : rank))
        let weights = ["adapter_model.safetensors", "adapter_model.bin"].map { directory + "/" + $0 }
        let checkpoint = try Checkpoint(
            file: weights.first { FileManager.default.fileExists(atPath: $0) } ?? weights[0]
        )
        var found: [String: (a: Tensor?, b: Tensor?)] = [:]
        for (name, tensor) in checkpoint.tensors {
            let bare = name.replacing("base_model.model.", with: "", maxReplacements: 1)
            guard let match = bare.wholeMatch(of: /(.+)\.lora_([AB])(\.default)?\.weight/), tensor.shape.count == 2
            else {
                throw Self.unsupported(checkpoint.path, "tensor \(name)")
            }
            let weight = "\(match.1).weight"
            if match.2 == "A" { found[weight, default: (nil, nil)].a = tensor }
            if match.2 == "B" { found[weight, default: (nil, nil)].b = tensor }
        }
        var matrices: [String: (a: Tensor, b: Tensor)] = [:]
        for (name, pair) in found {
            guard let a = pair.a, let b = pair.b, a.shape[0] == b.shape[1] else {
                throw CheckpointError(
                    .malformed,
                    at: checkpoint.path,
                    "\(name) lacks one of its two matrices, or they differ in rank"
                )
            }
            matrices[name] = (a, b)
        }
        self.matrices = matrices
    }

    private static func refuseOthers(_ file: JSONFile) throws(CheckpointError) {
        guard try file.text("peft_type", default: "LORA") == "LORA" else { throw unsupported(file.path, "peft_type") }
        let variants = file.names.filter { $0.hasPrefix("use_") && $0 != "use_rslora" }.sorted()
        for name in variants + ["fan_in_fan_out", "lora_bias"] where file.has(name) && !file.isNull(name) {
            if try file.flag(name, default: false) { throw unsupported(file.path, name) }
        }
        guard try file.text("bias", default: "none") == "none" else { throw unsupported(file.path, "bias") }
        for name in ["rank_pattern", "alpha_pattern"] {
            if let pattern = try file.object(name), !pattern.names.isEmpty { throw unsupported(file.path, name) }
        }
        for name in ["modules_to_save", "layer_replication", "target_parameters", "trainable_token_indices"] {
            if let list = file.list(name), !list.isEmpty { throw unsupported(file.path, name) }
        }
    }

    private static func unsupported(_ path: String, _ what: String) -> CheckpointError {
        CheckpointError(
            .unsupported,
            at: path,
            "\(what) is not plain LoRA on linear layers; merge it in Python: "
                + "PeftModel.from_pretrained(model, DIR).merge_and_unload().save_pretrained(OUTPUT)"
        )
    }

    /// Refuses an adapter of another model.
    func check(_ weights: [Tensor]) throws(CheckpointError) {
        let shapes = Dictionary(uniqueKeysWithValues: weights.map { ($0.name, $0.shape) })
        for (name, pair) in matrices.sorted(by: { $0.key < $1.key })
        where shapes[name] != [pair.b.shape[0], pair.a.shape[1]] {
            throw CheckpointError(
                .wrongShape,
                at: path,
                "changes \(name) of shape [\(pair.b.shape[0]), \(pair.a.shape[1])], which the model does not have; name the model "
                    + "that it was trained on as --base"
            )
        }
    }

    /// The values of `weight` as the adapter changes them; nil if it does not.
    func merged(_ weight: Tensor) throws(CheckpointError) -> [Float]? {
        guard let pair = matrices[weight.name] else { return nil }
        var values = try weight.floats()
        let (a, b) = (try pair.a.floats(), try pair.b.floats())
        let (rank, inputs, outputs) = (pair.a.shape[0], pair.a.shape[1], pair.b.shape[0])
        for row in 0..<outputs {
            for inner in 0..<rank {
                let factor = scale * b[row * rank + inner]
                for column in 0..<inputs { values[row * inputs + column] += factor * a[inner * inputs + column] }
            }
        }
        return values
    }
}
