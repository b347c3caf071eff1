package import Frames

/// Resizes and crops RGB pictures of one size, bit for bit as `Image.resize` of Pillow 13 does, or as `OpenCVLinear`
/// does.
///
/// Pillow makes a horizontal pass, then a vertical one. The order is reversed if the height loses more than twice as
/// many pixels as the width. Each pass is rounded to bytes and is omitted if its axis keeps its size. Only the pixels
/// that the crop shows are computed.
package struct Resampler: ~Copyable {
    private enum Method {
        /// The source pixel of each output column and row.
        case nearest(columns: [Int], rows: [Int])
        /// A nil axis keeps its size.
        case filtered(horizontal: ResampleWeights?, vertical: ResampleWeights?)
        case openCV(OpenCVLinear)
    }

    package let geometry: ResizeGeometry
    package let transform: InputTransform
    private let method: Method
    private let isVerticalFirst: Bool
    /// The source columns and rows that are needed.
    private let sourceColumns: Range<Int>
    private let sourceRows: Range<Int>
    /// The picture between the passes: `sourceRows` × crop columns × 3 bytes, or crop rows × `sourceColumns` × 3 bytes.
    private let between: PixelBuffer

    package init(geometry: ResizeGeometry, transform: InputTransform) {
        let (columns, rows) = (geometry.columns, geometry.rows)
        let horizontal = Self.weights(transform.filter, geometry.sourceWidth, geometry.resizedWidth, columns)
        let vertical = Self.weights(transform.filter, geometry.sourceHeight, geometry.resizedHeight, rows)
        let sourceColumns = horizontal?.sourceRange ?? columns.first..<columns.first + columns.count
        let sourceRows = vertical?.sourceRange ?? rows.first..<rows.first + rows.count
        let lostRows = geometry.sourceHeight - geometry.resizedHeight
        let lostColumns = geometry.sourceWidth - geometry.resizedWidth
        let isVerticalFirst = lostRows > 0 && lostRows > 2 * lostColumns
        let hasBothPasses = horizontal != nil && vertical != nil
        let pixelsBetween = isVerticalFirst ? rows.count * sourceColumns.count : sourceRows.count * columns.count
        var method = Method.filtered(horizontal: horizontal, vertical: vertical)
        if transform.filter == .nearest {
            method = .nearest(
                columns: Self.nearest(geometry.sourceWidth, geometry.resizedWidth, columns),
                rows: Self.nearest(geometry.sourceHeight, geometry.resizedHeight, rows)
            )
        }
        if transform.filter == .openCVLinear { method = .openCV(OpenCVLinear(geometry)) }
        self.geometry = geometry
        self.transform = transform
        self.method = method
        self.isVerticalFirst = isVerticalFirst
        self.sourceColumns = sourceColumns
        self.sourceRows = sourceRows
        between = PixelBuffer(hasBothPasses ? pixelsBetween * 3 : 0)
    }

    /// Resizes and crops one picture.
    ///
    /// - Parameters:
    ///   - source: the picture. A few bytes past its end are read and must be readable.
    ///   - strideBytes: the distance between the source's rows.
    ///   - output: receives `transform.byteCount` bytes.
    package func resample(
        _ source: UnsafePointer<UInt8>,
        strideBytes: Int,
        into output: UnsafeMutablePointer<UInt8>
    ) {
        let (columns, rows) = (geometry.columns, geometry.rows)
        if columns.count < transform.width || rows.count < transform.height {
            output.update(repeating: 0, count: transform.byteCount)
        }
        let outputStride = transform.width * 3
        let start = output + rows.destination * outputStride + columns.destination * 3
        switch method {
        case .nearest(let columns, let rows):
            pickNearest(source, strideBytes, columns, rows, into: start, outputStride)
        case .openCV(let filter):
            filter.resample(source, strideBytes: strideBytes, into: start, outputStride)
        case .filtered(let horizontal?, let vertical?) where isVerticalFirst:
            let origin = source + sourceRows.lowerBound * strideBytes + sourceColumns.lowerBound * 3
            let packed = sourceColumns.count * 3
            let rowStart = sourceRows.lowerBound
            resampleVertically(origin, strideBytes, rowStart, packed, vertical, into: between.pointer, packed)
            let columnStart = sourceColumns.lowerBound
            resampleHorizontally(
                between.pointer,
                packed,
                rows.count,
                columnStart,
                horizontal,
                into: start,
                outputStride
            )
        case .filtered(let horizontal?, let vertical?):
            let firstRow = source + sourceRows.lowerBound * strideBytes
            let packed = columns.count * 3
            resampleHorizontally(firstRow, strideBytes, sourceRows.count, 0, horizontal, into: between.pointer, packed)
            let rowStart = sourceRows.lowerBound
            resampleVertically(between.pointer, packed, rowStart, packed, vertical, into: start, outputStride)
        case .filtered(let horizontal?, nil):
            let firstRow = source + sourceRows.lowerBound * strideBytes
            resampleHorizontally(firstRow, strideBytes, rows.count, 0, horizontal, into: start, outputStride)
        case .filtered(nil, let vertical?):
            let firstColumn = source + columns.first * 3
            resampleVertically(firstColumn, strideBytes, 0, columns.count * 3, vertical, into: start, outputStride)
        case .filtered(nil, nil):
            for row in 0..<rows.count {
                let from = source + (rows.first + row) * strideBytes + columns.first * 3
                (start + row * outputStride).update(from: from, count: columns.count * 3)
            }
        }
    }

    private static func weights(
        _ filter: InputTransform.Filter,
        _ inputSize: Int,
        _ outputSize: Int,
        _ span: ResizeGeometry.Span
    ) -> ResampleWeights? {
        guard inputSize != outputSize else { return nil }
        return ResampleWeights(filter: filter, from: inputSize, to: outputSize, first: span.first, count: span.count)
    }

    /// The source pixel of each output pixel. Like Pillow, it adds up the step pixel by pixel, which gives the same
    /// rounding.
    private static func nearest(_ inputSize: Int, _ outputSize: Int, _ span: ResizeGeometry.Span) -> [Int] {
        let step = Double(inputSize) / Double(outputSize)
        var position = step * 0.5
        var pixels: [Int] = []
        for output in 0..<span.first + span.count {
            if output >= span.first { pixels.append(min(Int(position), inputSize - 1)) }
            position += step
        }
        return pixels
    }
}
