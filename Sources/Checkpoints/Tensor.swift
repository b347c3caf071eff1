/// The element types that a checkpoint's weights come in.
package enum TensorType: String, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    /// Read as float32.
    case float64 = "F64"

    package var bytes: Int {
        switch self {
        case .float64: 8
        case .float32: 4
        case .float16, .bfloat16: 2
        }
    }
}

/// A named tensor whose bytes stay in an open file.
package struct Tensor: Sendable {
    package let name: String
    package let shape: [Int]
    package let type: TensorType
    let file: CheckpointFile
    /// The bytes from the first element to the last.
    let range: Range<Int>
    /// Elements between neighbours along each axis; nil if the elements are row-major without gaps.
    let strides: [Int]?

    /// Row-major without gaps: `range` holds all elements of `shape`.
    init(name: String, shape: [Int], type: TensorType, file: CheckpointFile, range: Range<Int>) {
        self.init(name: name, shape: shape, type: type, file: file, range: range, strides: nil)
    }

    init(name: String, shape: [Int], type: TensorType, file: CheckpointFile, range: Range<Int>, strides: [Int]?) {
        self.name = name
        self.shape = shape
        self.type = type
        self.file = file
        self.range = range
        self.strides = strides
    }

    /// Whether the elements are row-major without gaps.
    package var isDense: Bool { strides == nil }
    /// Elements in all.
    package var count: Int { shape.reduce(1, *) }
    package var byteCount: Int { count * type.bytes }

    /// Reads `elements`, in row-major order, as floats. If the elements have gaps, each call reads all of `range`: take
    /// such a tensor in one piece.
    ///
    /// - Parameter output: [elements.count]
    /// - Throws: `CheckpointError` if the file has been cut short or cannot be read.
    package func read(
        _ elements: Range<Int>,
        into output: UnsafeMutableBufferPointer<Float>
    ) throws(CheckpointError) {
        precondition(elements.lowerBound >= 0 && elements.upperBound <= count && output.count == elements.count)
        guard strides == nil else {
            let part = try file.part(range)
            let bytes = part[range]
            forEachRun(of: elements) { run, first, step in
                for index in run { output[index] = type.element(first + (index - run.lowerBound) * step, of: bytes) }
            }
            return
        }
        let first = range.lowerBound + elements.lowerBound * type.bytes
        guard type != .float32 else { return try file.read(at: first, into: UnsafeMutableRawBufferPointer(output)) }
        let step = 1 << 18
        let size = min(step, output.count) * type.bytes
        let part = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        defer { part.deallocate() }
        for start in stride(from: 0, to: output.count, by: step) {
            let count = min(step, output.count - start)
            let bytes = UnsafeMutableRawBufferPointer(rebasing: part[..<(count * type.bytes)])
            try file.read(at: first + start * type.bytes, into: bytes)
            let read = UnsafeRawBufferPointer(bytes)
            for index in 0..<count { output[start + index] = type.element(index, of: read) }
        }
    }

    /// All elements as floats, row-major.
    package func floats() throws(CheckpointError) -> [Float] {
        var failure: CheckpointError?
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(CheckpointError) {
                try read(0..<count, into: UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return values
    }
}

extension TensorType {
    /// The element at `index` of `bytes`. Little-endian, as this program's targets are.
    fileprivate func element(_ index: Int, of bytes: UnsafeRawBufferPointer) -> Float {
        switch self {
        case .float32: Float(bitPattern: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
        case .float16: floatFromHalf(bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
        case .bfloat16:
            Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)) << 16)
        case .float64: Float(Double(bitPattern: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)))
        }
    }
}
