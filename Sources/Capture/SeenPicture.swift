package import Frames
internal import Resampling

/// Which parts of a source's picture the model sees.
package struct SeenPicture: Sendable, Equatable {
    package let parts: PictureParts
    /// What is seen of each part, in fractions of the upright picture, or of its crop.
    package let regions: [Region]
    /// The share of the whole upright picture that is seen, masks left aside.
    package let share: Double

    /// Returns nil if the size of the picture is not known.
    ///
    /// - Parameters:
    ///   - source: the source.
    ///   - crop: the part of its picture to look at; nil for all of it.
    ///   - view: how much of that is seen.
    ///   - transform: the model's own.
    package init?(of source: SourceInfo, crop: Region?, view: PictureView, transform: InputTransform) {
        guard source.width > 0, source.height > 0 else { return nil }
        let isTurned = source.rotation == 90 || source.rotation == 270
        let width = isTurned ? source.height : source.width
        let height = isTurned ? source.width : source.height
        let cropped = (crop ?? .whole).nearestPixels(width: width, height: height)
        let geometry = ViewGeometry(
            width: cropped.columns.count,
            height: cropped.rows.count,
            pixelAspect: isTurned ? 1 / source.aspect : source.aspect,
            view: view,
            transform: transform
        )
        parts = geometry.parts
        regions = (0..<geometry.parts.count).map { geometry.seen(ofPart: $0) }
        let ofCrop = Double(cropped.columns.count * cropped.rows.count) / Double(width * height)
        share = ofCrop * Self.covered(regions)
    }

    /// The area that regions in one row or one column cover together.
    private static func covered(_ regions: [Region]) -> Double {
        var area = 0.0
        var end = (x: 0.0, y: 0.0)
        for region in regions {
            let (right, bottom) = (region.x + region.width, region.y + region.height)
            // Regions beside one another share their rows, and those below one another their columns.
            let isBelow = region.x == regions[0].x
            let width = isBelow ? region.width : right - max(region.x, end.x)
            let height = isBelow ? bottom - max(region.y, end.y) : region.height
            area += width * height
            end = (right, bottom)
        }
        return area
    }
}
