/// What one decoded picture shows of the video signal, measured at the camera's own size. Levels are of 0…255, after
/// conversion to the full range.
package struct PictureMeasures: Sendable, Equatable {
    /// The luma that 98 % of the picture stays below.
    package var light: Float = 0
    /// How far the blocks' mean luma lies apart, without the darkest and the lightest 5 %.
    package var contrast: Float = 0
    /// How far the blocks' colour lies from the picture's usual colour, in all but 10 % of the blocks. 0 is a picture
    /// without colours, or in one tint.
    package var colour: Float = 0
    /// How much its edges are those of the last picture that had colours, from -1 to 1; 0 if there was none.
    package var likeness: Float = 0
    /// The standard deviation of the noise in the calmest tenth of the blocks.
    package var noise: Float = 0
    /// The share of blocks that are as they were in the picture that this one is compared with: the last one that
    /// differed.
    package var unchanged: Float = 0
    /// The share of the last seconds in which the decoder reported damage.
    package var damage: Float = 0
    /// What befalls the camera.
    package var camera = CameraMeasures()

    package init() {}
}
