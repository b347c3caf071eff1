internal import Glibc

/// `cv2.resize` with INTER_LINEAR on bytes, bit for bit. The authors of X-CLIP evaluate with it, through mmcv.
///
/// Source: OpenCV 4's resize.cpp. Each output pixel is a weighted sum of the four around it, in 11-bit fixed point,
/// without smoothing. When the size is exactly halved, OpenCV takes the mean of four pixels instead.
struct OpenCVLinear: Sendable {
    private static let one: Int32 = 2048

    /// Along one axis, the two source pixels of each output pixel and their weights.
    private struct Axis: Sendable {
        var pairs: [(first: Int, second: Int)] = []
        var weights: [(first: Int32, second: Int32)] = []

        /// - Parameters:
        ///   - size: the source's pixels along the axis.
        ///   - resized: the resized picture's pixels along the axis.
        ///   - span: the pixels of the resized picture to compute.
        ///   - stops: whether the last pixel gets the whole weight at either end. OpenCV does this for columns; for
        ///     rows it counts the last pixel twice.
        init(from size: Int, to resized: Int, _ span: ResizeGeometry.Span, stops: Bool) {
            let scale = 1 / (Double(resized) / Double(size))
            for output in span.first..<span.first + span.count {
                let position = Float((Double(output) + 0.5) * scale - 0.5)
                var first = Int(position.rounded(.down))
                var share = position - Float(first)
                if stops, first < 0 { (first, share) = (0, 0) }
                if stops, first >= size - 1 { (first, share) = (size - 1, 0) }
                pairs.append((min(max(first, 0), size - 1), min(max(first + 1, 0), size - 1)))
                weights.append((Self.fixed(1 - share), Self.fixed(share)))
            }
        }

        private static func fixed(_ share: Float) -> Int32 {
            Int32((share * Float(OpenCVLinear.one)).rounded(.toNearestOrEven))
        }
    }

    private let columns: Axis
    private let rows: Axis
    private let span: (columns: ResizeGeometry.Span, rows: ResizeGeometry.Span)
    private let isHalf: Bool

    init(_ geometry: ResizeGeometry) {
        columns = Axis(from: geometry.sourceWidth, to: geometry.resizedWidth, geometry.columns, stops: true)
        rows = Axis(from: geometry.sourceHeight, to: geometry.resizedHeight, geometry.rows, stops: false)
        span = (geometry.columns, geometry.rows)
        isHalf =
            geometry.sourceWidth == 2 * geometry.resizedWidth && geometry.sourceHeight == 2 * geometry.resizedHeight
    }

    func resample(
        _ source: UnsafePointer<UInt8>,
        strideBytes: Int,
        into output: UnsafeMutablePointer<UInt8>,
        _ outputStride: Int
    ) {
        for row in 0..<span.rows.count {
            let to = output + row * outputStride
            if isHalf {
                let top = source + 2 * (span.rows.first + row) * strideBytes + 2 * span.columns.first * 3
                for byte in 0..<span.columns.count * 3 {
                    let from = top + byte / 3 * 6 + byte % 3
                    let (upper, lower) = (from, from + strideBytes)
                    to[byte] = UInt8((Int(upper[0]) + Int(upper[3]) + Int(lower[0]) + Int(lower[3]) + 2) >> 2)
                }
            } else {
                blend(source, strideBytes, row, into: to)
            }
        }
    }

    private func blend(
        _ source: UnsafePointer<UInt8>,
        _ strideBytes: Int,
        _ row: Int,
        into to: UnsafeMutablePointer<UInt8>
    ) {
        let (above, below) = (
            source + rows.pairs[row].first * strideBytes, source + rows.pairs[row].second * strideBytes
        )
        let vertical = rows.weights[row]
        for column in 0..<span.columns.count {
            let (left, right) = (columns.pairs[column].first * 3, columns.pairs[column].second * 3)
            let horizontal = columns.weights[column]
            for channel in 0..<3 {
                let upper =
                    Int32(above[left + channel]) * horizontal.first + Int32(above[right + channel]) * horizontal.second
                let lower =
                    Int32(below[left + channel]) * horizontal.first + Int32(below[right + channel]) * horizontal.second
                let sum = (vertical.first * (upper >> 4)) >> 16 + (vertical.second * (lower >> 4)) >> 16
                to[column * 3 + channel] = UInt8(truncatingIfNeeded: max(0, min(255, (sum + 2) >> 2)))
            }
        }
    }
}
