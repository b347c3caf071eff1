internal import Frames
internal import Glibc

/// Along one axis, the source pixels that make each output pixel, and their weights.
///
/// Equals Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc`, for a run of output pixels.
struct ResampleWeights: Sendable {
    /// The fractional bits of the fixed-point weights: 32 less 8 for the result and 2 for headroom.
    static let precisionBits: Int32 = 32 - 8 - 2

    /// The number of weights stored per output pixel. Those beyond the pixel's `counts` are zero.
    let stride: Int
    /// The first source pixel of each output pixel.
    private(set) var starts: [Int] = []
    /// The number of source pixels that make each output pixel.
    private(set) var counts: [Int] = []
    /// The weights, `stride` per output pixel, in the order of its source pixels.
    private(set) var weights: [Int32] = []

    /// Computes the weights of the output pixels `first..<first + count`.
    ///
    /// - Parameters:
    ///   - filter: Pillow's filter.
    ///   - inputSize: the source's pixels along the axis.
    ///   - outputSize: the resized picture's pixels along the axis.
    ///   - first: the first output pixel.
    ///   - count: the number of output pixels.
    init(filter: InputTransform.Filter, from inputSize: Int, to outputSize: Int, first: Int, count: Int) {
        let scale = Double(inputSize) / Double(outputSize)
        let filterScale = max(scale, 1)
        let support = filter.support * filterScale
        stride = Int(support.rounded(.up)) * 2 + 1
        var row = [Double](repeating: 0, count: stride)
        for output in first..<first + count {
            let center = (Double(output) + 0.5) * scale
            let inverse = 1 / filterScale
            let start = max(Int(center - support + 0.5), 0)
            let end = min(Int(center + support + 0.5), inputSize)
            let taken = max(end - start, 0)
            var sum = 0.0
            for x in 0..<taken {
                row[x] = filter.value(at: (Double(x + start) - center + 0.5) * inverse)
                sum += row[x]
            }
            for x in 0..<stride {
                let weight = x < taken ? (sum != 0 ? row[x] / sum : row[x]) : 0
                let fixed = weight * Double(1 << Self.precisionBits)
                weights.append(Int32(weight < 0 ? fixed - 0.5 : fixed + 0.5))
            }
            starts.append(start)
            counts.append(taken)
        }
    }

    /// The range that spans all source pixels used.
    var sourceRange: Range<Int> {
        let first = starts.min() ?? 0
        let end = zip(starts, counts).map { $0 + $1 }.max() ?? first
        return first..<end
    }
}

extension InputTransform.Filter {
    /// The filter's reach to either side, in pixels of the coarser picture.
    var support: Double {
        switch self {
        case .nearest, .box: 0.5
        case .bilinear, .hamming, .openCVLinear: 1
        case .bicubic: 2
        case .lanczos: 3
        }
    }

    /// The filter's value, computed in Pillow's order of operations and with its single-precision constants.
    func value(at position: Double) -> Double {
        let x = abs(position)
        switch self {
        case .nearest, .box:
            return position > -0.5 && position <= 0.5 ? 1 : 0
        case .bilinear, .openCVLinear:
            return x < 1 ? 1 - x : 0
        case .hamming:
            if x == 0 { return 1 }
            if x >= 1 { return 0 }
            let angle = x * Double.pi
            return sin(angle) / angle * (Double(Float(0.54)) + Double(Float(0.46)) * cos(angle))
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
            return 0
        case .lanczos:
            return -3 <= position && position < 3 ? Self.sinc(position) * Self.sinc(position / 3) : 0
        }
    }

    private static func sinc(_ x: Double) -> Double {
        if x == 0 { return 1 }
        let angle = x * Double.pi
        return sin(angle) / angle
    }
}
