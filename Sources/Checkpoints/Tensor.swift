/// The element types that a checkpoint's weights come in.
package enum TensorType: String, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    package var bytes: Int { self == .float32 ? 4 : 2 }
}

/// A named tensor whose bytes stay in a mapped file.
package struct Tensor: Sendable {
    package let name: String
    package let shape: [Int]
    package let type: TensorType
    let file: MappedFile
    /// The bytes from the first element to the last.
    let range: Range<Int>
    /// Elements between neighbours along each axis; nil if the elements are row-major without gaps.
    let strides: [Int]?

    /// Row-major without gaps: `range` holds all elements of `shape`.
    init(name: String, shape: [Int], type: TensorType, file: MappedFile, range: Range<Int>) {
        self.init(name: name, shape: shape, type: type, file: file, range: range, strides: nil)
    }

    init(name: String, shape: [Int], type: TensorType, file: MappedFile, range: Range<Int>, strides: [Int]?) {
        self.name = name
        self.shape = shape
        self.type = type
        self.file = file
        self.range = range
        self.strides = strides
    }

    /// Elements in all.
    package var count: Int { shape.reduce(1, *) }
    package var byteCount: Int { count * type.bytes }

    /// Reads `elements`, in row-major order, as floats.
    ///
    /// - Parameter output: [elements.count]
    package func read(_ elements: Range<Int>, into output: UnsafeMutableBufferPointer<Float>) {
        precondition(elements.lowerBound >= 0 && elements.upperBound <= count && output.count == elements.count)
        guard strides == nil else {
            forEachRun(of: elements) { run, first, step in
                for index in run { output[index] = element(first + (index - run.lowerBound) * step) }
            }
            return
        }
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[range])
        let first = elements.lowerBound
        switch type {
        case .float32:
            for index in 0..<output.count {
                output[index] = Float(
                    bitPattern: bytes.loadUnaligned(fromByteOffset: (first + index) * 4, as: UInt32.self)
                )
            }
        case .float16:
            for index in 0..<output.count {
                let bits = bytes.loadUnaligned(fromByteOffset: (first + index) * 2, as: UInt16.self)
                output[index] = floatFromHalf(bits)
            }
        case .bfloat16:
            for index in 0..<output.count {
                let bits = bytes.loadUnaligned(fromByteOffset: (first + index) * 2, as: UInt16.self)
                output[index] = Float(bitPattern: UInt32(bits) << 16)
            }
        }
    }

    /// All elements as floats, row-major.
    package func floats() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            read(0..<count, into: UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
            initialized = count
        }
    }
}
