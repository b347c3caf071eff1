/// A part of the picture, in fractions of its width and height from the upper left corner. It applies to any size of
/// the same picture.
package struct Region: Sendable, Equatable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package static let whole = Region(x: 0, y: 0, width: 1, height: 1)

    package init(x: Double, y: Double, width: Double, height: Double) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    /// The pixels nearest to the region in a picture of that size: at least one column and one row, and none outside.
    package func nearestPixels(width pictureWidth: Int, height pictureHeight: Int) -> PixelRectangle {
        let columns = Self.nearest(x, width, of: pictureWidth)
        return PixelRectangle(columns: columns, rows: Self.nearest(y, height, of: pictureHeight))
    }

    /// All pixels that the region touches in a picture of that size, none outside.
    package func touchedPixels(width pictureWidth: Int, height pictureHeight: Int) -> PixelRectangle {
        let columns = Self.touched(x, width, of: pictureWidth)
        return PixelRectangle(columns: columns, rows: Self.touched(y, height, of: pictureHeight))
    }

    private static func nearest(_ start: Double, _ length: Double, of size: Int) -> Range<Int> {
        let first = pixel((start * Double(size)).rounded(), 0...size - 1)
        return first..<pixel(((start + length) * Double(size)).rounded(), first + 1...size)
    }

    private static func touched(_ start: Double, _ length: Double, of size: Int) -> Range<Int> {
        // A decimal fraction of the size is seldom exact. The margin keeps a rounding error from reaching the next
        // pixel.
        let hair = 1e-6
        let first = pixel((start * Double(size) + hair).rounded(.down), 0...size)
        return first..<pixel(((start + length) * Double(size) - hair).rounded(.up), first...size)
    }

    private static func pixel(_ position: Double, _ range: ClosedRange<Int>) -> Int {
        Int(min(max(position, Double(range.lowerBound)), Double(range.upperBound)))
    }
}

/// Columns and rows of a picture.
package struct PixelRectangle: Sendable, Equatable {
    package var columns: Range<Int>
    package var rows: Range<Int>

    package init(columns: Range<Int>, rows: Range<Int>) {
        self.columns = columns
        self.rows = rows
    }
}
