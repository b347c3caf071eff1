package import Checkpoints
import Kernels

/// Every size of an X-CLIP model, from `config.json`. A missing key has transformers' default.
///
/// Axes: T frames, N tokens (class + patches), D width, H heads, E embedding.
package struct XCLIPConfiguration: Sendable, Equatable {
    /// One transformer: the text encoder, the vision encoder, or the integration transformer.
    package struct Tower: Sendable, Equatable {
        package var width: Int
        package var intermediate: Int
        package var layers: Int
        package var heads: Int
        var activation: Activation
        var epsilon: Float
    }

    package var text: Tower
    package var vision: Tower
    /// The multi-frame integration transformer; its width is E.
    package var integration: Tower
    package var vocabulary: Int
    /// Text positions, start and end tokens included.
    package var textPositions: Int
    /// T, the frames of a window.
    package private(set) var frames: Int
    /// The frames that the checkpoint has positions for. Others are interpolated.
    package let trainedFrames: Int
    /// The side of the square input, in pixels.
    package var imageSize: Int
    package var patchSize: Int
    /// E
    package var embedding: Int
    package var promptLayers: Int
    package var promptHeads: Int
    var promptActivation: Activation

    /// Patches of one frame.
    package var patches: Int { (imageSize / patchSize) * (imageSize / patchSize) }
    /// N, the tokens of one frame: its patches and the class token.
    package var tokens: Int { patches + 1 }

    /// Reads `config.json`.
    ///
    /// - Throws: `CheckpointError` if the file is missing, is not an X-CLIP model's, or has an impossible size.
    package init(path: String) throws(CheckpointError) {
        try self.init(file: JSONFile(path: path))
    }

    init(file: JSONFile) throws(CheckpointError) {
        let path = file.path
        let type = try file.text("model_type", default: "")
        guard type == "xclip" else {
            throw CheckpointError(
                .unsupported,
                at: path,
                "model_type is \"\(type)\", not \"xclip\": this is not an X-CLIP checkpoint"
            )
        }
        for name in ["quantization_config", "transformers_weights"] where file.has(name) && !file.isNull(name) {
            throw CheckpointError(
                .unsupported,
                at: path,
                "\(name) is not supported; save the model with model.dequantize() or as a plain model.safetensors, without it"
            )
        }
        // Old files hold the parts twice. As in transformers, the one under `_dict` wins with all its values, and with the
        // defaults of the values that it lacks.
        func part(_ name: String) throws(CheckpointError) -> JSONFile {
            let (old, new) = (try file.object(name + "_dict"), try file.object(name))
            return old ?? new ?? file.emptied
        }
        let (text, vision) = (try part("text_config"), try part("vision_config"))
        guard try vision.size("num_channels", default: 3) == 3 else { throw vision.wrong("num_channels", "3") }
        let epsilon = try Self.epsilon(in: vision)
        self.text = Tower(
            width: try text.size("hidden_size", default: 512),
            intermediate: try text.size("intermediate_size", default: 2048),
            layers: try text.size("num_hidden_layers", default: 12, most: 1000),
            heads: try text.size("num_attention_heads", default: 8),
            activation: try Self.activation("hidden_act", in: text),
            epsilon: try Self.epsilon(in: text)
        )
        self.vision = Tower(
            width: try vision.size("hidden_size", default: 768),
            intermediate: try vision.size("intermediate_size", default: 3072),
            layers: try vision.size("num_hidden_layers", default: 12, most: 1000),
            heads: try vision.size("num_attention_heads", default: 12),
            activation: try Self.activation("hidden_act", in: vision),
            epsilon: epsilon
        )
        integration = Tower(
            width: try vision.size("mit_hidden_size", default: 512),
            intermediate: try vision.size("mit_intermediate_size", default: 2048),
            layers: try vision.size("mit_num_hidden_layers", default: 1, most: 1000),
            heads: try vision.size("mit_num_attention_heads", default: 8),
            activation: try Self.activation("hidden_act", in: vision),
            epsilon: epsilon
        )
        vocabulary = try text.size("vocab_size", default: 49408, most: 1 << 24)
        textPositions = try text.size("max_position_embeddings", default: 77, most: 4096)
        trainedFrames = try vision.size("num_frames", default: 8, most: 1024)
        frames = trainedFrames
        imageSize = try vision.side("image_size", default: 224)
        patchSize = try vision.side("patch_size", default: 32)
        embedding = try file.size("projection_dim", default: 512)
        promptLayers = try file.size("prompt_layers", default: 2, most: 1000)
        promptHeads = try file.size("prompt_num_attention_heads", default: 8)
        promptActivation = try Self.activation("prompt_hidden_act", in: file)
        try check(path: path)
    }

    /// Added to a variance, whose root is taken.
    private static func epsilon(in file: JSONFile) throws(CheckpointError) -> Float {
        let epsilon = try file.real("layer_norm_eps", default: 1e-5)
        guard (0...1).contains(epsilon) else { throw file.wrong("layer_norm_eps", "a number from 0 to 1") }
        return Float(epsilon)
    }

    private static func activation(_ name: String, in file: JSONFile) throws(CheckpointError) -> Activation {
        switch try file.text(name, default: "quick_gelu") {
        case "quick_gelu": return .quickGELU
        case "gelu": return .gelu
        default: throw file.wrong(name, "quick_gelu or gelu")
        }
    }

    /// This model with windows of another number of frames; nil for as many as it was trained for.
    ///
    /// - Throws: `CheckpointError` if the model is too large for so many.
    package func with(frames: Int?, path: String) throws(CheckpointError) -> XCLIPConfiguration {
        guard let frames else { return self }
        precondition(frames > 0, "a window has frames")
        var configuration = self
        configuration.frames = frames
        try configuration.check(path: path)
        return configuration
    }

    private func check(path: String) throws(CheckpointError) {
        func require(_ holds: Bool, _ message: String) throws(CheckpointError) {
            if !holds { throw CheckpointError(.malformed, at: path, message) }
        }
        for (name, tower) in [("text_config", text), ("vision_config", vision)] {
            try require(
                tower.width % tower.heads == 0,
                "\(name): hidden_size must be a multiple of num_attention_heads"
            )
        }
        try require(
            integration.width == embedding,
            "vision_config.mit_hidden_size (\(integration.width)) must equal projection_dim (\(embedding))"
        )
        try require(embedding % integration.heads == 0, "mit_hidden_size must be a multiple of mit_num_attention_heads")
        try require(embedding % promptHeads == 0, "projection_dim must be a multiple of prompt_num_attention_heads")
        try require(imageSize >= patchSize, "vision_config.image_size must be at least patch_size")
        // Far beyond any X-CLIP. Everything derived from these sizes still fits an Int.
        let widest = max(vision.width, vision.intermediate, integration.intermediate, embedding)
        try require(
            frames * tokens <= 1 << 20 && frames * tokens * widest <= 1 << 31 && 4 * embedding <= 1 << 20,
            "\(frames) frames of \(tokens) tokens, \(widest) wide, are more than this program can hold; is the file damaged?"
        )
        try require(textPositions >= 3, "text_config.max_position_embeddings must be at least 3")
    }
}
