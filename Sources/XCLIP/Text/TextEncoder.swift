package import Checkpoints
package import Kernels

/// The text encoder with its weights: token and position embeddings, a causal transformer, the final LayerNorm at the
/// end-of-text token, and the projection to E.
///
/// It is used at start and then released; a daemon does not keep its weights. Checkpoint keys: text_model.*,
/// text_projection.
package struct TextEncoder {
    private let configuration: XCLIPConfiguration
    private let tokenizer: Tokenizer
    private let tokenEmbedding: Tensor
    private let positions: [Float]
    private let layers: [TransformerLayer]
    private let finalNorm: LayerNorm
    private let projection: Linear
    private let backend: KernelBackend
    /// The file of the weights, for errors.
    private let place: String

    /// Loads the text encoder.
    ///
    /// - Parameters:
    ///   - directory: a Hugging Face checkpoint directory.
    ///   - backend: how matrix products are computed.
    /// - Throws: `CheckpointError` with the file, the tensor and the remedy.
    package init(directory: String, backend: KernelBackend = .best) throws(CheckpointError) {
        let configuration = try XCLIPConfiguration(path: directory + "/config.json")
        try self.init(
            configuration: configuration,
            tokenizer: Tokenizer(directory: directory),
            reader: WeightReader(file: Checkpoint(directory: directory), backend: backend)
        )
    }

    /// Loads the text encoder of `model`, whose sizes the weights must have.
    package init(of model: XCLIPModel, directory: String) throws(CheckpointError) {
        try self.init(
            configuration: model.configuration,
            tokenizer: Tokenizer(directory: directory),
            reader: WeightReader(file: Checkpoint(directory: directory), backend: model.backend)
        )
    }

    init(configuration: XCLIPConfiguration, tokenizer: Tokenizer, reader: WeightReader) throws(CheckpointError) {
        let tower = configuration.text
        let name = "text_model."
        try tokenizer.checkPadding()
        self.configuration = configuration
        self.tokenizer = tokenizer
        backend = reader.backend
        place = reader.file.path
        tokenEmbedding = try reader.file.tensor(
            name + "embeddings.token_embedding.weight",
            shape: [configuration.vocabulary, tower.width]
        )
        positions = try reader.floats(
            name + "embeddings.position_embedding.weight",
            shape: [configuration.textPositions, tower.width]
        )
        var layers: [TransformerLayer] = []
        for index in 0..<tower.layers {
            layers.append(try TransformerLayer(name + "encoder.layers.\(index).", tower: tower, reader: reader))
        }
        self.layers = layers
        finalNorm = try reader.norm(name + "final_layer_norm", width: tower.width, epsilon: tower.epsilon)
        projection = try reader.linear(
            "text_projection",
            inputs: tower.width,
            outputs: configuration.embedding,
            bias: false
        )
    }

    /// Encodes `texts` without a prompt template, as the model's authors do.
    ///
    /// - Parameters:
    ///   - texts: K texts; each is truncated to the model's positions.
    ///   - threads: the threads to use, including the caller.
    /// - Returns: the embeddings, [K, E].
    /// - Throws: `CheckpointError` if the tokenizer produces a token that the model has no embedding for, or the encoder
    ///   makes no numbers of the texts, or the same of all.
    package func encode(_ texts: [String], threads: Int) throws(CheckpointError) -> LabelEmbeddings {
        var tokens = texts.map { tokenizer.encode($0, limit: configuration.textPositions) }
        // A text that comes along, to be told from another of its length.
        let told = tokens.firstIndex { $0.count > 2 }
        if let told {
            let (start, end, length) = (tokens[told][0], tokens[told][tokens[told].count - 1], tokens[told].count)
            tokens.append(Array(repeating: start, count: length - 1) + [end])
        }
        for token in tokens.joined() where token < 0 || Int(token) >= configuration.vocabulary {
            throw CheckpointError(
                .malformed,
                at: place,
                "the tokenizer produces token \(token), but the model has \(configuration.vocabulary) tokens; "
                    + "they belong to different models"
            )
        }
        let longest = tokens.map(\.count).max() ?? 0
        let tower = configuration.text
        let arena = FloatArena()
        let team = ComputeTeam(
            threads: threads,
            backend: backend,
            scratchFloats: Attention.scratchFloats(
                headWidth: tower.width / tower.heads,
                keys: max(longest, 1),
                backend: backend
            )
        )
        let scratch = LayerScratch(tower: tower, tokens: max(longest, 1), sets: 1, arena: arena)
        let x = arena.makeDenseRows(max(longest, 1), width: tower.width)
        let pooled = arena.makeDenseRows(1, width: tower.width)
        let projected = arena.makeDenseRows(1, width: configuration.embedding)
        var values: [Float] = []
        for tokens in tokens {
            let x = x[0..<tokens.count]
            try embed(tokens, into: x)
            for layer in layers { layer.apply(to: x, tokens: tokens.count, causal: true, scratch: scratch, team: team) }
            // The end token, unless a token with a higher number was added; transformers reads the embedding there as well.
            let end = tokens.indices.max { (tokens[$0], -$0) < (tokens[$1], -$1) } ?? 0
            layerNorm(pooled, x[end..<end + 1], finalNorm, team: team)
            linear(projected, pooled, projection, team: team)
            values.append(contentsOf: projected[0])
        }
        try check(values, of: tokens, told: told)
        if told != nil { values.removeLast(configuration.embedding) }
        return LabelEmbeddings(texts: texts, width: configuration.embedding, values: values)
    }

    /// Damaged weights, or zeros in their place, would make labels that never match, and say nothing of it.
    private func check(_ values: [Float], of tokens: [[Int32]], told: Int?) throws(CheckpointError) {
        let width = configuration.embedding
        func embedding(_ text: Int) -> ArraySlice<Float> { values[text * width..<(text + 1) * width] }
        let isBlind = told.map {
            tokens[$0] != tokens[tokens.count - 1] && embedding($0) == embedding(tokens.count - 1)
        }
        let fault =
            !values.allSatisfy(\.isFinite)
            ? "makes no numbers of a text" : isBlind == true ? "makes the same of different texts" : nil
        guard let fault else { return }
        throw CheckpointError(
            .malformed,
            at: place,
            "the text encoder \(fault): its weights are damaged or incomplete; copy, download or convert it again"
        )
    }

    private func embed(_ tokens: [Int32], into x: Rows) throws(CheckpointError) {
        for (position, token) in tokens.enumerated() {
            let row = x[position]
            try tokenEmbedding.read(Int(token) * x.width..<(Int(token) + 1) * x.width, into: row)
            for column in 0..<x.width { row[column] += positions[position * x.width + column] }
        }
    }
}

extension Tokenizer {
    /// Refuses a tokenizer with which transformers would read the embedding of a text where it was padded: the result would
    /// depend on the other texts.
    func checkPadding() throws(CheckpointError) {
        guard padding > end else { return }
        throw CheckpointError(
            .malformed,
            at: path,
            "pad_token (\(padding)) has a higher number than the end token (\(end)), and X-CLIP reads a text at its highest "
                + "token; set pad_token to the end token in tokenizer_config.json"
        )
    }
}
