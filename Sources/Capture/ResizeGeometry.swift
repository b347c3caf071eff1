internal import Frames

/// The sizes and positions, in pixels, on a picture's way to the model's input: resized, then cropped, or padded if it
/// is smaller than the crop.
struct ResizeGeometry: Equatable, Sendable {
    /// One axis of the crop: `count` pixels of the resized picture, from `first` on, placed at `destination`.
    struct Span: Equatable, Sendable {
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
    }

    let sourceWidth: Int
    let sourceHeight: Int
    let resizedWidth: Int
    let resizedHeight: Int
    let columns: Span
    let rows: Span

    init(sourceWidth: Int, sourceHeight: Int, transform: InputTransform) {
        self.sourceWidth = sourceWidth
        self.sourceHeight = sourceHeight
        switch transform.resize {
        case .none:
            (resizedWidth, resizedHeight) = (sourceWidth, sourceHeight)
        case .exact(let width, let height):
            (resizedWidth, resizedHeight) = (width, height)
        case .shortestEdge(let short):
            // The reference computes this quotient in floating point and truncates it.
            let long = Int(
                Double(short * max(sourceWidth, sourceHeight)) / Double(min(sourceWidth, sourceHeight))
            )
            (resizedWidth, resizedHeight) = sourceWidth <= sourceHeight ? (short, long) : (long, short)
        case .roundedShortestEdge(let short):
            let scale = Double(short) / Double(min(sourceWidth, sourceHeight))
            resizedWidth = Int(Double(sourceWidth) * scale + 0.5)
            resizedHeight = Int(Double(sourceHeight) * scale + 0.5)
        }
        columns = Span(of: resizedWidth, croppedTo: transform.width, at: transform.place)
        rows = Span(of: resizedHeight, croppedTo: transform.height, at: transform.place)
    }
}
