import Testing

@testable import Kernels

// Matrices as arrays of rows, and the kernels' forms of them.

/// Numbers that are the same in every run.
struct Random {
    var state: UInt64
    mutating func floats(_ count: Int) -> [Float] {
        (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int64(bitPattern: state) >> 32) / Float(1 << 31)
        }
    }
    mutating func matrix(_ rows: Int, _ columns: Int) -> [[Float]] { (0..<rows).map { _ in floats(columns) } }
}

func rows(_ values: [[Float]], arena: FloatArena, width: Int) -> Rows {
    let rows = arena.makeRows(values.count, width: width)
    for (index, row) in values.enumerated() {
        for (column, value) in row.enumerated() { rows[index][column] = value }
    }
    return rows
}

/// The largest absolute difference. NaN, which no bound admits, if one is no number: `max` would pass over it.
func distance(_ rows: Rows, _ values: [[Float]]) -> Float {
    #expect(rows.count == values.count)
    return values.indices.reduce(0) { top, row in
        zip(rows[row], values[row]).map { abs($0 - $1) }.reduce(top) { $0.isNaN || $1 <= $0 ? $0 : $1 }
    }
}

func makeLinear(
    _ matrix: [[Float]],
    bias: [Float]?,
    storage: WeightStorage = .float32,
    backend: KernelBackend
) -> Linear {
    Linear(inputs: matrix[0].count, outputs: matrix.count, bias: bias, storage: storage, backend: backend) {
        (range: Range<Int>, floats: UnsafeMutableBufferPointer<Float>) in
        for (offset, row) in range.enumerated() {
            for (column, value) in matrix[row].enumerated() { floats[offset * matrix[row].count + column] = value }
        }
    }
}
