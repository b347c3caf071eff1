import Kernels

/// Weights that are read after a transformer layer, by products of so few rows that they would wait for memory all the
/// time: they are fetched during the layer's own products, which wait for arithmetic.
struct LaterWeights {
    var duringOutput: Linear?
    var duringUp: Linear?
    var duringDown: Linear?

    init() {}

    /// In the order in which they are read, the largest beside the largest.
    init(_ exchange: MessageExchange) {
        (duringOutput, duringUp, duringDown) = (exchange.fc, exchange.queryKeyValue, exchange.output)
    }

    init(_ layer: TransformerLayer) {
        (duringOutput, duringUp, duringDown) = (layer.queryKeyValue, layer.up, layer.down)
    }
}

extension XCLIPModel {
    /// Of what follows block `index` of `blocks`: the next one's messages, or after the last the integration transformer.
    func laterWeights(afterBlock index: Int, of blocks: [VisionBlock]) -> LaterWeights {
        if index + 1 < blocks.count { return LaterWeights(blocks[index + 1].exchange) }
        return integration.layers.first.map { LaterWeights($0) } ?? LaterWeights()
    }
}
