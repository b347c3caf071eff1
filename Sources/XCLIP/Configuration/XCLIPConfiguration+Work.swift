extension XCLIPConfiguration {
    /// The arithmetic of one step, in floating-point operations (a multiply-add is two).
    package struct Work: Sendable, Equatable {
        /// One frame through all layers: the cost of a `cached` step.
        package let frame: Double
        /// The same plus the class tokens and messages of T frames once more: the cost of a `sweep` step.
        package let sweptFrame: Double
        /// A window of T distinct frames, of which all but the newest keep their block-0 output: an `exact` step.
        package let window: Double
        /// The same window with nothing kept: the cost of the published model at each step.
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
