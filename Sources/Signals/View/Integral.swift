/// The sum of all values above and to the left of each place of a grid, from which the sum of any rectangle follows: those
/// of its right corners less those of its left ones. Sums that exceed 32 bits wrap, and so does their difference.
struct Integral {
    private let width: Int
    private let height: Int
    /// (`height` + 1) × (`width` + 1), by rows.
    private(set) var sums: [Int32]

    init(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        sums = Array(repeating: 0, count: (width + 1) * (height + 1))
    }

    /// - Parameters:
    ///   - values: height × width, by rows.
    ///   - term: what a value adds.
    @inline(__always)
    mutating func make<Value>(of values: [Value], _ term: (Value) -> Int32) {
        precondition(values.count == width * height, "one value for each place")
        let wide = width + 1
        sums.withUnsafeMutableBufferPointer { sums in
            values.withUnsafeBufferPointer { values in
                for y in 0..<height {
                    var row: Int32 = 0
                    let (above, below) = (y * wide + 1, (y + 1) * wide + 1)
                    for x in 0..<width {
                        row &+= term(values[y * width + x])
                        sums[below + x] = sums[above + x] &+ row
                    }
                }
            }
        }
    }

    /// Takes another's sums into its own room, which an assignment would give up.
    mutating func take(_ other: Integral) {
        for index in sums.indices { sums[index] = other.sums[index] }
    }
}
