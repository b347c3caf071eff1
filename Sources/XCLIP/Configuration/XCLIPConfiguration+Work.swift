extension XCLIPConfiguration {
    /// The arithmetic of one step, in floating-point operations (a multiply-add is two), as the encoder does it.
    package struct Work: Sendable, Equatable {
        /// One frame through everything: what a `cached` step costs.
        package let frame: Double
        /// The same, and the class tokens and messages of T frames once more: what a `sweep` step costs.
        package let sweptFrame: Double
        /// A window of T distinct frames whose block-0 outputs are kept but for the newest: an `exact` step.
        package let window: Double
        /// The same window with nothing kept: what the published model does at each step.
        package let fullWindow: Double
    }

    package var work: Work {
        let (tokens, patches) = (Double(tokens), Double(patches))
        let (width, frames) = (Double(vision.width), Double(frames))
        let patchSize = Double(patchSize)
        let embed = 2 * patches * 3 * patchSize * patchSize * width
        // Q, K and V of the tokens and the message, attention, output, MLP.
        let products =
            3 * (tokens + 1) * width + tokens * width + 2 * tokens * Double(vision.intermediate)
        let layer = 2 * width * products + 4 * tokens * (tokens + 1) * width
        let message = 2 * 5 * width * width
        let heads = 2 * width * Double(embedding) * (1 + patches)
        let others = Double(vision.layers) - 1
        let rest = others * (layer + message) + heads
        // Q, K and V of class tokens and messages, output, MLP; attention over tokens and message; messages two-way.
        let sweptProducts = 6 * width + width + 2 * Double(vision.intermediate)
        let sweep = frames * (2 * width * sweptProducts + 4 * (tokens + 1) * width + message + 4 * frames * width)
        return Work(
            frame: embed + layer + rest,
            sweptFrame: embed + layer + rest + others * (sweep - message),
            window: embed + layer + frames * rest,
            fullWindow: frames * (embed + layer + message + rest)
        )
    }
}

extension XCLIPModel {
    package var work: XCLIPConfiguration.Work { configuration.work }
}
