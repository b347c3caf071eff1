/// Views of a tensor's bytes. Nothing is copied.
extension Tensor {
    /// The same elements under another name.
    package func named(_ name: String) -> Tensor {
        Tensor(name: name, shape: shape, type: type, file: file, range: range, strides: strides)
    }

    /// The only element of a tensor of one, as a scalar.
    func scalar() -> Tensor {
        precondition(count == 1, "only one element is a scalar")
        return Tensor(name: name, shape: [], type: type, file: file, range: range)
    }

    /// Rows `rows` along the first axis.
    package func rows(_ rows: Range<Int>) -> Tensor {
        precondition(!shape.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= shape[0], "no such rows")
        let strides = steps
        let (first, shape) = (rows.lowerBound * strides[0], [rows.count] + shape.dropFirst())
        return view(shape: shape, strides: strides, from: first)
    }

    /// The matrix with its axes exchanged.
    package func transposed() -> Tensor {
        precondition(shape.count == 2, "only a matrix is transposed")
        return view(shape: shape.reversed(), strides: steps.reversed(), from: 0)
    }

    private func view(shape: [Int], strides: [Int], from first: Int) -> Tensor {
        guard
            let view = Tensor(
                name: name,
                type: type,
                file: file,
                storage: range.dropFirst(min(range.count, first * type.bytes)),
                offset: 0,
                shape: shape,
                strides: strides
            )
        else { preconditionFailure("a view lies within its tensor") }
        return view
    }

    /// Elements between neighbours along each axis.
    var steps: [Int] { strides ?? Self.rowMajor(shape) }

    static func rowMajor(_ shape: [Int]) -> [Int] {
        var steps = shape
        var step = 1
        for axis in shape.indices.reversed() {
            steps[axis] = step
            step &*= max(shape[axis], 1)
        }
        return steps
    }

    /// A view of `storage`, a range of the file's bytes, as PyTorch describes it: all counted in elements.
    ///
    /// Nil if it exceeds the storage, or any memory.
    init?(
        name: String,
        type: TensorType,
        file: CheckpointFile,
        storage: Range<Int>,
        offset: Int,
        shape: [Int],
        strides: [Int]
    ) {
        guard offset >= 0, shape.count == strides.count, let count = Self.count(of: shape) else { return nil }
        var last = offset
        for (size, stride) in zip(shape, strides) where count > 0 {
            let (reach, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
            let (sum, carry) = last.addingReportingOverflow(reach)
            guard stride >= 0, !overflow, !carry else { return nil }
            last = sum
        }
        let elements = storage.count / type.bytes
        guard count == 0 ? offset <= elements : last < elements else { return nil }
        // The stride of an axis of one element has no meaning.
        let dense = Self.rowMajor(shape)
        let isDense = count == 0 || shape.indices.allSatisfy { shape[$0] == 1 || strides[$0] == dense[$0] }
        let start = storage.lowerBound + offset * type.bytes
        self.init(
            name: name,
            shape: shape,
            type: type,
            file: file,
            range: start..<start + (count == 0 ? 0 : last - offset + 1) * type.bytes,
            strides: isDense ? nil : strides
        )
    }

    /// The number of elements of `shape`; nil if no memory could hold so many.
    static func count(of shape: [Int]) -> Int? {
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow, product <= 1 << 48 else { return nil }
            count = product
        }
        return count
    }

    /// Calls `body` with the runs of `elements` along the last axis.
    ///
    /// - Parameter body: receives the run's place in the output, its first element in the storage, and the step between its
    ///   elements.
    func forEachRun(of elements: Range<Int>, _ body: (_ run: Range<Int>, _ first: Int, _ step: Int) -> Void) {
        let steps = steps
        let (width, step) = (shape.last ?? 1, steps.last ?? 1)
        guard width > 0 else { return }
        var element = elements.lowerBound
        while element < elements.upperBound {
            var (rest, column) = element.quotientAndRemainder(dividingBy: width)
            let run = min(width - column, elements.upperBound - element)
            var first = column * step
            for axis in shape.indices.dropLast().reversed() {
                first += rest % shape[axis] * steps[axis]
                rest /= shape[axis]
            }
            let start = element - elements.lowerBound
            body(start..<start + run, first, step)
            column = 0
            element += run
        }
    }
}
