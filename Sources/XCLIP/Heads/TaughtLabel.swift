/// What a label has learnt from example clips, beside what its text says.
///
/// The clips stand as one direction in the space of *video* embeddings: the mean of their unit embeddings less the mean of
/// those of their first pictures, held still. A window's own unit embedding is multiplied with it after the video-specific
/// prompts, never sent through them:
///
///     logit = (1 − weight) · scale · cos(video, text + α · prompts(text)) + weight · (scale · video · direction + offset)
///
/// - *Behind the prompts.* The prompt generator was trained to make of a text what that text should mean in this video. A
///   video's embedding is no text to it; and videos look much more like one another (a cosine of 0.4 to 0.9 between any two)
///   than like any text (0.1 to 0.4). Blended in before, that common part would go through cross-attention and lift the label
///   in every window. Behind, with weight 0 the label is the published model's to the bit.
/// - *Less the still pictures.* What a scene looks like is in the clip and in its first picture alike; what happens is in
///   the clip alone. The difference takes out the common part and most of the scene, where a mean alone fires on every
///   picture of it.
/// - *The offset* puts the middle between the examples and what is not the label at the level of the background, where a
///   text's logit stands that says neither.
package struct TaughtLabel: Sendable, Equatable {
    /// [E], not normalised: examples that do not agree, or that hardly differ from their first pictures, say little.
    package var direction: [Float]
    /// In logits.
    package var offset: Float
    /// 0…1
    package var weight: Float

    package init(direction: [Float], offset: Float, weight: Float) {
        self.direction = direction
        self.offset = offset
        self.weight = weight
    }
}
