package import Frames

/// Where the parts of a picture lie that a view shows to the model.
///
/// A tile is a square of source pixels, as near as they allow, and is then treated as a picture of its own: as a crop is.
package struct ViewGeometry: Equatable, Sendable {
    package let parts: PictureParts
    /// From a part to the model's input; the same for each part.
    package let resize: ResizeGeometry
    package let transform: InputTransform
    private let width: Int
    private let height: Int

    /// - Parameters:
    ///   - width: the picture's width in pixels, which need not be square.
    ///   - height: its height in pixels.
    ///   - pixelAspect: the width of a pixel as shown, divided by its height.
    ///   - view: how much of the picture is seen.
    ///   - transform: the model's own.
    package init(width: Int, height: Int, pixelAspect: Double, view: PictureView, transform: InputTransform) {
        let shown = ResizeGeometry.shown(width, height, pixelAspect)
        let parts = view.parts(width: shown.width, height: shown.height)
        var (partWidth, partHeight) = (width, height)
        switch parts {
        case .one: break
        case .across: partWidth = Self.scaled(shown.height, width, shown.width)
        case .down: partHeight = Self.scaled(shown.width, height, shown.height)
        }
        self.parts = parts
        self.width = width
        self.height = height
        self.transform = view.transform(transform)
        resize = ResizeGeometry(
            sourceWidth: partWidth,
            sourceHeight: partHeight,
            pixelAspect: pixelAspect,
            transform: self.transform
        )
    }

    /// The pixels of a part. The first begins at the near edge and the last ends at the far one.
    package func pixels(ofPart index: Int) -> PixelRectangle {
        let (partWidth, partHeight) = (resize.sourceWidth, resize.sourceHeight)
        let (left, top) =
            switch parts {
            case .one: (0, 0)
            case .across(let count): (Self.origin(index, of: count, free: width - partWidth), 0)
            case .down(let count): (0, Self.origin(index, of: count, free: height - partHeight))
            }
        return PixelRectangle(columns: left..<left + partWidth, rows: top..<top + partHeight)
    }

    /// What the model sees of a part, in fractions of the picture: the part, less what the transform cuts off.
    package func seen(ofPart index: Int) -> Region {
        let part = pixels(ofPart: index)
        let columns = resize.columns.share(of: resize.resizedWidth)
        let rows = resize.rows.share(of: resize.resizedHeight)
        let (partWidth, partHeight) = (Double(part.columns.count), Double(part.rows.count))
        return Region(
            x: (Double(part.columns.lowerBound) + columns.start * partWidth) / Double(width),
            y: (Double(part.rows.lowerBound) + rows.start * partHeight) / Double(height),
            width: columns.length * partWidth / Double(width),
            height: rows.length * partHeight / Double(height)
        )
    }

    private static func scaled(_ length: Int, _ size: Int, _ shown: Int) -> Int {
        min(max(1, Int((Double(length) * Double(size) / Double(shown)).rounded())), size)
    }

    private static func origin(_ index: Int, of count: Int, free: Int) -> Int {
        Int((Double(index * free) / Double(count - 1)).rounded())
    }
}
