import Frames

/// Tells whether a picture without colours shows what the last one with colours did, by `PictureMeasures.likeness`. In a
/// stream whose pictures are all different that says nothing, and the colours must have been plain. Pure.
struct SameScene {
    /// How much the edges of a picture without colours are still those of before. A camera that turns to a grey wall has not
    /// switched to infra-red.
    private static let edges: Float = 0.3
    /// How much less they may be than what they are at the least from picture to picture, and how fast that is forgotten.
    private static let slack: Float = 0.1
    private static let plain: Float = 8
    private static let forgetting: Float = 0.05

    /// The least likeness and colour from picture to picture.
    private var least = SIMD2<Float>(1, 255)

    /// Takes a picture with colours that is not the first.
    mutating func take(_ picture: PictureMeasures) {
        let now = SIMD2(picture.likeness, picture.colour)
        least = pointwiseMin(now, least + Self.forgetting * (now - least))
    }

    func includes(_ picture: PictureMeasures) -> Bool {
        picture.likeness >= Self.edges || least[1] >= Self.plain && picture.likeness >= least[0] - Self.slack
    }
}
