/// How a decoded picture becomes the model's input: what `preprocessor_config.json` says, free of any model.
///
/// The steps, in order: resize (Pillow's resampling on bytes), then a centre crop. Normalisation is not here: it is
/// folded into the patch embedding, which eats bytes.
public struct InputTransform: Sendable, Equatable {
    /// The resampling filters of Pillow, by the number that the processor's `resample` field holds.
    public enum Filter: Int, Sendable {
        case nearest = 0
        case lanczos = 1
        case bilinear = 2
        case bicubic = 3
        case box = 4
        case hamming = 5
    }

    public enum Resize: Sendable, Equatable {
        /// The picture keeps its size.
        case none
        /// The short side becomes this many pixels, the long side in proportion, truncated (never rounded).
        case shortestEdge(Int)
        /// Exactly this size, whatever the aspect.
        case exact(width: Int, height: Int)
    }

    public var resize: Resize
    public var filter: Filter
    /// The size of the centre crop, and so of the model's input, in pixels. A smaller picture is padded with black.
    public var width: Int
    public var height: Int

    public init(resize: Resize, filter: Filter, width: Int, height: Int) {
        self.resize = resize
        self.filter = filter
        self.width = width
        self.height = height
    }

    /// Bytes of one input picture: `height` rows of `width` pixels, each R, G, B; no padding between rows.
    public var byteCount: Int { width * height * 3 }
}
