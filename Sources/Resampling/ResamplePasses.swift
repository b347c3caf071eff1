/// The passes of Pillow's `Image.resize` on rows of three bytes per pixel. Strides are in bytes. Sums are 32-bit
/// integers that wrap, as the reference's do.

/// Resizes rows: each output pixel is a weighted sum of its neighbours in the row.
///
/// - Parameters:
///   - source: `rows` rows of pixels, which begin at column `firstColumn`.
///   - sourceStride: the distance between the source's rows.
///   - rows: the number of rows.
///   - firstColumn: the source's first column, in the columns that `weights` counts.
///   - weights: the source pixels and weights of each output column.
///   - output: receives `rows` rows of one pixel per output column.
///   - outputStride: the distance between the output's rows.
func resampleHorizontally(
    _ source: UnsafePointer<UInt8>,
    _ sourceStride: Int,
    _ rows: Int,
    _ firstColumn: Int,
    _ weights: ResampleWeights,
    into output: UnsafeMutablePointer<UInt8>,
    _ outputStride: Int
) {
    let half: Int32 = 1 << (ResampleWeights.precisionBits - 1)
    weights.starts.withUnsafeBufferPointer { starts in
        weights.counts.withUnsafeBufferPointer { counts in
            weights.weights.withUnsafeBufferPointer { kernel in
                for row in 0..<rows {
                    let line = source + row * sourceStride
                    var to = output + row * outputStride
                    for pixel in 0..<starts.count {
                        var from = line + (starts[pixel] - firstColumn) * 3
                        let taps = pixel * weights.stride
                        var (red, green, blue) = (half, half, half)
                        for tap in taps..<taps + counts[pixel] {
                            let weight = kernel[tap]
                            red &+= Int32(from[0]) &* weight
                            green &+= Int32(from[1]) &* weight
                            blue &+= Int32(from[2]) &* weight
                            from += 3
                        }
                        (to[0], to[1], to[2]) = (clippedByte(red), clippedByte(green), clippedByte(blue))
                        to += 3
                    }
                }
            }
        }
    }
}

/// Resizes columns: each output byte is a weighted sum of the bytes above and below it.
///
/// - Parameters:
///   - source: rows of pixels, which begin at row `firstRow`.
///   - sourceStride: the distance between the source's rows.
///   - firstRow: the source's first row, in the rows that `weights` counts.
///   - bytes: the bytes to compute per row.
///   - weights: the source rows and weights of each output row.
///   - output: receives one row per output row of `weights`.
///   - outputStride: the distance between the output's rows.
func resampleVertically(
    _ source: UnsafePointer<UInt8>,
    _ sourceStride: Int,
    _ firstRow: Int,
    _ bytes: Int,
    _ weights: ResampleWeights,
    into output: UnsafeMutablePointer<UInt8>,
    _ outputStride: Int
) {
    let half: Int32 = 1 << (ResampleWeights.precisionBits - 1)
    for row in weights.starts.indices {
        let top = source + (weights.starts[row] - firstRow) * sourceStride
        let to = output + row * outputStride
        let taps = row * weights.stride
        let count = weights.counts[row]
        weights.weights.withUnsafeBufferPointer { kernel in
            var at = 0
            while at + 16 <= bytes {
                var sums = SIMD16<Int32>(repeating: half)
                var from = UnsafeRawPointer(top + at)
                for tap in taps..<taps + count {
                    let pixels = from.loadUnaligned(as: SIMD16<UInt8>.self)
                    sums &+= SIMD16<Int32>(truncatingIfNeeded: pixels) &* kernel[tap]
                    from += sourceStride
                }
                let shifted = sums &>> ResampleWeights.precisionBits
                let clipped = shifted.clamped(lowerBound: .zero, upperBound: SIMD16(repeating: 255))
                UnsafeMutableRawPointer(to + at).storeBytes(
                    of: SIMD16<UInt8>(truncatingIfNeeded: clipped),
                    as: SIMD16<UInt8>.self
                )
                at += 16
            }
            while at < bytes {
                var sum = half
                for tap in 0..<count {
                    sum &+= Int32(top[at + tap * sourceStride]) &* kernel[taps + tap]
                }
                to[at] = clippedByte(sum)
                at += 1
            }
        }
    }
}

/// Copies one source pixel to each output pixel: the one at its column in `columns` and its row in `rows`.
func pickNearest(
    _ source: UnsafePointer<UInt8>,
    _ sourceStride: Int,
    _ columns: [Int],
    _ rows: [Int],
    into output: UnsafeMutablePointer<UInt8>,
    _ outputStride: Int
) {
    for (row, sourceRow) in rows.enumerated() {
        let line = source + sourceRow * sourceStride
        var to = output + row * outputStride
        for column in columns {
            let from = line + column * 3
            (to[0], to[1], to[2]) = (from[0], from[1], from[2])
            to += 3
        }
    }
}

@inline(__always)
private func clippedByte(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: max(0, min(255, sum >> ResampleWeights.precisionBits)))
}
