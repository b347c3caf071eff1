@testable import Kernels

/// A row as bytes: x ≈ (values − zero) · scale.
struct QuantisedRow {
    var values: [Int]
    var zero: Int
    var scale: Float

    /// An input: unsigned bytes between the least and the greatest value, 0 among them.
    init(input row: [Float]) {
        let (low, high) = (min(0, row.min() ?? 0), max(0, row.max() ?? 0))
        let range = high - low
        guard range >= 1e-30 else { self.init(values: row.map { _ in 0 }, zero: 0, scale: 0); return }
        let factor = 255 / range
        let zero = Int((-low * factor).rounded(.toNearestOrEven))
        self.init(
            values: row.map { min(max(Int(($0 * factor).rounded(.toNearestOrEven)) + zero, 0), 255) },
            zero: zero,
            scale: range / 255
        )
    }

    /// The weights of an output: signed bytes about 0.
    init(weights row: [Float]) {
        let top = row.reduce(0) { max($0, abs($1)) }
        guard top >= 1e-30 else { self.init(values: row.map { _ in 0 }, zero: 0, scale: 0); return }
        let factor = 127 / top
        self.init(
            values: row.map { min(max(Int(($0 * factor).rounded(.toNearestOrEven)), -127), 127) },
            zero: 0,
            scale: top / 127
        )
    }

    private init(values: [Int], zero: Int, scale: Float) {
        self.values = values
        self.zero = zero
        self.scale = scale
    }
}

/// `linear` with weights in int8 by the formulas of CKernels.h, before the activation.
func int8Reference(_ input: [[Float]], weights: [[Float]], bias: [Float]?, onto start: [[Float]]? = nil) -> [[Float]] {
    let columns = weights.map { QuantisedRow(weights: $0) }
    return input.enumerated().map { index, row in
        let row = QuantisedRow(input: row)
        return columns.enumerated().map { output, column in
            let sum = zip(row.values, column.values).reduce(0) { $0 + ($1.0 - row.zero) * $1.1 }
            var value = Float(sum) * row.scale
            value *= column.scale
            if let start { value += start[index][output] }
            if let bias { value += bias[output] }
            return value
        }
    }
}
