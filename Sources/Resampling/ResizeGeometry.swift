package import Frames

/// The sizes and positions, in pixels, on a picture's way to the model's input: resized, then cropped, or padded if it
/// is smaller than the crop.
package struct ResizeGeometry: Equatable, Sendable {
    /// One axis of the crop: `count` pixels of the resized picture, from `first` on, placed at `destination`.
    package struct Span: Equatable, Sendable {
        var first: Int
        var destination: Int
        var count: Int

        /// Centres as the reference processor does: the odd pixel of a crop is left over at the far side, that of a pad
        /// at the near side.
        init(of size: Int, croppedTo crop: Int, at place: InputTransform.Place) {
            count = min(size, crop)
            let middle = size > crop ? (size - crop) / 2 : 0
            first =
                switch place {
                case .near: 0
                case .centre: middle
                case .far: 2 * middle
                }
            destination = size < crop ? (crop - size + 1) / 2 : 0
        }

        /// The span in fractions of an axis of `size` pixels.
        func share(of size: Int) -> (start: Double, length: Double) {
            (Double(first) / Double(size), Double(count) / Double(size))
        }
    }

    package let sourceWidth: Int
    package let sourceHeight: Int
    package let resizedWidth: Int
    package let resizedHeight: Int
    package let columns: Span
    package let rows: Span

    /// The size that the source has with square pixels.
    package let shownWidth: Int
    package let shownHeight: Int

    /// - Parameters:
    ///   - sourceWidth: the picture's width in pixels.
    ///   - sourceHeight: its height in pixels.
    ///   - pixelAspect: the width of a pixel as shown, divided by its height.
    ///   - transform: the resize and the crop.
    package init(sourceWidth: Int, sourceHeight: Int, pixelAspect: Double = 1, transform: InputTransform) {
        self.sourceWidth = sourceWidth
        self.sourceHeight = sourceHeight
        (shownWidth, shownHeight) = Self.shown(sourceWidth, sourceHeight, pixelAspect)
        switch transform.resize {
        case .none:
            (resizedWidth, resizedHeight) = (shownWidth, shownHeight)
        case .exact(let width, let height):
            (resizedWidth, resizedHeight) = (width, height)
        case .shortestEdge(let short):
            // The reference computes this quotient in floating point and truncates it.
            let long = Int(
                Double(short * max(shownWidth, shownHeight)) / Double(min(shownWidth, shownHeight))
            )
            (resizedWidth, resizedHeight) = shownWidth <= shownHeight ? (short, long) : (long, short)
        case .roundedShortestEdge(let short):
            let scale = Double(short) / Double(min(shownWidth, shownHeight))
            resizedWidth = Int(Double(shownWidth) * scale + 0.5)
            resizedHeight = Int(Double(shownHeight) * scale + 0.5)
        }
        columns = Span(of: resizedWidth, croppedTo: transform.width, at: transform.place)
        rows = Span(of: resizedHeight, croppedTo: transform.height, at: transform.place)
    }

    /// The size of a picture with square pixels. The shorter way of a pixel is stretched, so that nothing is lost.
    package static func shown(_ width: Int, _ height: Int, _ pixelAspect: Double) -> (width: Int, height: Int) {
        if pixelAspect > 1 { return (Int((Double(width) * pixelAspect).rounded()), height) }
        if pixelAspect < 1 { return (width, Int((Double(height) / pixelAspect).rounded())) }
        return (width, height)
    }
}
