/// How a decoded picture becomes the model's input, as `preprocessor_config.json` describes it but independent of any
/// model.
///
/// The picture is resized (with Pillow's resampling on bytes, or OpenCV's) and then cropped. Normalisation is not part
/// of it: it is folded into the patch embedding, which takes bytes.
package struct InputTransform: Sendable, Equatable {
    /// A resampling filter of Pillow, by the number in the processor's `resample` field.
    package enum Filter: Int, Sendable {
        /// OpenCV's INTER_LINEAR, which Pillow lacks: it reads four pixels, however much it shrinks. The authors of
        /// X-CLIP evaluate with it, and no processor's file names it.
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
        /// The short side becomes this many pixels. The long side keeps the proportion, truncated and never rounded.
        case shortestEdge(Int)
        /// As `shortestEdge`, but the long side is rounded, as mmcv does for the authors of X-CLIP.
        case roundedShortestEdge(Int)
        /// Exactly this size, regardless of the aspect ratio.
        case exact(width: Int, height: Int)
    }

    /// The position of the crop along an axis of the picture that is longer than the crop.
    package enum Place: Sendable, Equatable, CaseIterable {
        /// At the left, or the top.
        case near
        case centre
        /// At the right, or the bottom: twice as far as the centre, so that an odd pixel is left over.
        case far
    }

    package var resize: Resize
    package var filter: Filter
    package var place = Place.centre
    /// The width of the crop, and so of the model's input, in pixels. A smaller picture is padded with black.
    package var width: Int
    package var height: Int

    package init(resize: Resize, filter: Filter, width: Int, height: Int) {
        self.resize = resize
        self.filter = filter
        self.width = width
        self.height = height
    }

    /// The bytes of one input picture: `height` rows of `width` pixels, each R, G, B, without padding between rows.
    package var byteCount: Int { width * height * 3 }
}
