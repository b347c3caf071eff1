/// The element types that a checkpoint's weights come in.
public enum TensorType: String, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    public var bytes: Int { self == .float32 ? 4 : 2 }
}

/// A named tensor in a mapped file: its shape, row-major, and its bytes where they lie.
public struct Tensor: Sendable {
    public let name: String
    public let shape: [Int]
    public let type: TensorType
    let file: MappedFile
    let range: Range<Int>

    init(name: String, shape: [Int], type: TensorType, file: MappedFile, range: Range<Int>) {
        self.name = name
        self.shape = shape
        self.type = type
        self.file = file
        self.range = range
    }

    /// Elements in all.
    public var count: Int { range.count / type.bytes }

    /// Elements `elements` as floats; `output` holds as many.
    public func read(_ elements: Range<Int>, into output: UnsafeMutableBufferPointer<Float>) {
        precondition(elements.lowerBound >= 0 && elements.upperBound <= count && output.count == elements.count)
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
    public func floats() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            read(0..<count, into: UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
            initialized = count
        }
    }
}

/// IEEE binary16 to Float by its bits: `Float16` is not to be had on every target that Swift compiles for.
func floatFromHalf(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let rest = UInt32(bits & 0x7fff)
    if rest >= 0x7c00 { return Float(bitPattern: sign | 0x7f80_0000 | (rest & 0x3ff) << 13) }
    // Scaling by 2^112 moves the exponent to Float's bias, and makes subnormal halves normal floats.
    let magnitude = Float(bitPattern: rest << 13) * Float(bitPattern: 0x7780_0000)
    return Float(bitPattern: sign | magnitude.bitPattern)
}
