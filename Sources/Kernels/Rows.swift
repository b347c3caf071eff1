/// A view of `count` rows of `width` floats, `stride` floats apart, in memory that another object owns.
///
/// Kernels take their inputs and outputs as views. The owner (a `FloatArena`) must outlive every view, and a view must
/// not outlive the call or object that receives it. Rows are padded so that no two lie a multiple of 4 KiB apart, where
/// they would evict one another from the first-level cache.
package struct Rows {
    package let base: UnsafeMutablePointer<Float>
    package let count: Int
    package let width: Int
    package let stride: Int

    package init(base: UnsafeMutablePointer<Float>, count: Int, width: Int, stride: Int) {
        precondition(count >= 0 && width >= 0 && (count <= 1 || stride >= width), "rows overlap")
        self.base = base
        self.count = count
        self.width = width
        self.stride = stride
    }

    /// The padded distance between rows, in floats.
    package static func paddedStride(_ width: Int) -> Int { (width + 15) / 16 * 16 + 16 }

    /// Rows `range`, all columns.
    package subscript(range: Range<Int>) -> Rows {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows out of range")
        return Rows(base: base + range.lowerBound * stride, count: range.count, width: width, stride: stride)
    }

    /// All rows, columns `range`.
    package func columns(_ range: Range<Int>) -> Rows {
        precondition(range.lowerBound >= 0 && range.upperBound <= width, "columns out of range")
        return Rows(base: base + range.lowerBound, count: count, width: range.count, stride: stride)
    }

    /// Every `step`-th row, from row `first` on.
    package func every(_ step: Int, from first: Int = 0) -> Rows {
        precondition(step > 0 && first < max(count, 1), "rows out of range")
        return Rows(
            base: base + first * stride,
            count: (count - first + step - 1) / step,
            width: width,
            stride: stride * step
        )
    }

    package subscript(row: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition(row >= 0 && row < count, "row out of range")
        return UnsafeMutableBufferPointer(start: base + row * stride, count: width)
    }

    /// Copies `source`, which has the same shape.
    package func copy(from source: Rows) {
        precondition(source.count == count && source.width == width, "a copy needs the same shape")
        for row in 0..<count {
            (base + row * stride).update(from: source.base + row * source.stride, count: width)
        }
    }

    /// Adds `source`, which has the same shape, multiplied by `factor`.
    package func add(_ source: Rows, times factor: Float = 1) {
        precondition(source.count == count && source.width == width, "a sum needs the same shape")
        for row in 0..<count {
            let to = base + row * stride
            let from = source.base + row * source.stride
            for column in 0..<width { to[column] += factor * from[column] }
        }
    }

    package func fill(_ value: Float) {
        for row in 0..<count { (base + row * stride).update(repeating: value, count: width) }
    }
}
