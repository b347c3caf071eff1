/// How a decoded picture becomes the model's input: what `preprocessor_config.json` says, free of any model.
///
/// The steps, in order: resize (Pillow's resampling on bytes, or OpenCV's), then a crop. Normalisation is not here: it is
/// folded into the patch embedding, which eats bytes.
package struct InputTransform: Sendable, Equatable {
    /// The resampling filters of Pillow, by the number that the processor's `resample` field holds.
    package enum Filter: Int, Sendable {
        /// OpenCV's INTER_LINEAR, which Pillow does not have: it looks at four pixels however much it shrinks. The authors
        /// of X-CLIP evaluate with it; no processor's file names it.
        case openCVLinear = -1
        case nearest = 0
        case lanczos = 1
        case bilinear = 2
        case bicubic = 3
        case box = 4
        case hamming = 5
    }

    package enum Resize: Sendable, Equatable {
        /// The picture keeps its size.
        case none
        /// The short side becomes this many pixels, the long side in proportion, truncated (never rounded).
        case shortestEdge(Int)
        /// The same, but the long side is rounded, as mmcv does for the authors of X-CLIP.
        case roundedShortestEdge(Int)
        /// Exactly this size, whatever the aspect.
        case exact(width: Int, height: Int)
    }

    /// Where the crop lies along an axis that is longer than it.
    package enum Place: Sendable, Equatable, CaseIterable {
        /// At the left, or the top.
        case near
        case centre
        /// At the right, or the bottom; twice as far as the centre is, so that an odd pixel is left over.
        case far
    }

    package var resize: Resize
    package var filter: Filter
    package var place = Place.centre
    /// The size of the crop, and so of the model's input, in pixels. A smaller picture is padded with black.
    package var width: Int
    package var height: Int

    package init(resize: Resize, filter: Filter, width: Int, height: Int) {
        self.resize = resize
        self.filter = filter
        self.width = width
        self.height = height
    }

    /// Bytes of one input picture: `height` rows of `width` pixels, each R, G, B; no padding between rows.
    package var byteCount: Int { width * height * 3 }
}
