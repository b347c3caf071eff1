/// Compares two reliefs at a shift. With the shift d, the cell x of the one is compared with the cell x + d of the other:
/// where they agree, the camera has turned by d since the other.
enum ViewMatch {
    /// How far two blocks' cells may lie apart, as a share of their own relief, and still show the same. Those of
    /// different things lie 1.3 apart.
    static let same: Float = 0.62
    private static let most: Float = 1.5

    struct Agreement {
        /// Blocks with texture that lie in both, and how many of them show the same.
        var compared = 0
        var agreeing = 0
        /// The sum of how far the compared blocks lie apart.
        var apart: Float = 0

        var share: Float { compared > 0 ? Float(agreeing) / Float(compared) : 1 }
        var cost: Float { compared > 0 ? apart / Float(compared) : .infinity }
    }

    struct Shift {
        var x = 0
        var y = 0
    }

    /// - Parameters:
    ///   - one, other: the values of two reliefs, of cells or of halves.
    ///   - scale: 1 for cells, 2 for halves.
    ///   - least: the mean |relief| from which a block counts.
    static func agreement(
        _ one: [Int16],
        _ other: [Int16],
        scale: Int = 1,
        shift: Shift,
        least: Float
    ) -> Agreement {
        var result = Agreement()
        one.withUnsafeBufferPointer { one in
            other.withUnsafeBufferPointer { other in
                guard let one = one.baseAddress, let other = other.baseAddress else { return }
                for row in 0..<ViewGrid.down {
                    for column in 0..<ViewGrid.across {
                        guard let distance = apart(one, other, row, column, shift, scale: scale, least: least) else {
                            continue
                        }
                        result.compared += 1
                        result.apart += min(distance, most)
                        if distance < same { result.agreeing += 1 }
                    }
                }
            }
        }
        return result
    }

    /// How far a block's cells lie from those of another view, as a share of their own relief; nil if too little of it lies
    /// in both, or it has no texture in either.
    ///
    /// - Parameters: as of `agreement`; each of the pointers has all values of a relief.
    @inline(__always)
    static func apart(
        _ one: UnsafePointer<Int16>,
        _ other: UnsafePointer<Int16>,
        _ row: Int,
        _ column: Int,
        _ shift: Shift,
        scale: Int = 1,
        least: Float
    ) -> Float? {
        let (wide, high) = (ViewGrid.columns / scale, ViewGrid.rows / scale)
        let (blockWidth, blockHeight) = (ViewGrid.blockWidth / scale, ViewGrid.blockHeight / scale)
        let top = max(row * blockHeight, -shift.y)
        let bottom = min((row + 1) * blockHeight, high - shift.y)
        let left = max(column * blockWidth, -shift.x)
        let right = min((column + 1) * blockWidth, wide - shift.x)
        guard 2 * (bottom - top) > blockHeight, 2 * (right - left) > blockWidth else { return nil }
        var (apart, first, second): (Int32, Int32, Int32) = (0, 0, 0)
        for y in top..<bottom {
            let here = one + y * wide
            let there = other + (y + shift.y) * wide + shift.x
            for x in left..<right {
                let (a, b) = (Int32(here[x]), Int32(there[x]))
                apart &+= abs(a &- b)
                first &+= abs(a)
                second &+= abs(b)
            }
        }
        let count = Float((bottom - top) * (right - left))
        guard Float(max(first, second)) > least * Float(Relief.unit) * count else { return nil }
        return 2 * Float(apart) / Float(first + second)
    }

    struct Drift {
        /// In cells.
        var x: Float = 0
        var y: Float = 0
    }

    /// How far the one lies from the other beyond a shift, to a part of a cell: the median of the blocks' drifts, each by
    /// the gradients of the other (B. D. Lucas and T. Kanade, 1981).
    static func drift(
        _ one: [Int16],
        _ other: [Int16],
        shift: Shift,
        least: Float,
        _ scratch: inout DriftScratch
    ) -> Drift {
        let (wide, high) = (ViewGrid.columns, ViewGrid.rows)
        scratch.clear()
        one.withUnsafeBufferPointer { one in
            other.withUnsafeBufferPointer { other in
                for row in 0..<ViewGrid.down {
                    let top = max(row * ViewGrid.blockHeight, 1 - shift.y)
                    let bottom = min((row + 1) * ViewGrid.blockHeight, high - 1 - shift.y)
                    guard 2 * (bottom - top) > ViewGrid.blockHeight else { continue }
                    for column in 0..<ViewGrid.across {
                        let left = max(column * ViewGrid.blockWidth, 1 - shift.x)
                        let right = min((column + 1) * ViewGrid.blockWidth, wide - 1 - shift.x)
                        guard 2 * (right - left) > ViewGrid.blockWidth else { continue }
                        var (xx, xy, yy, ex, ey): (Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 0, 0)
                        for y in top..<bottom {
                            let here = y * wide
                            let there = (y + shift.y) * wide + shift.x
                            for x in left..<right {
                                let at = there + x
                                let across = (Int32(other[at + 1]) &- Int32(other[at - 1])) / 2
                                let down = (Int32(other[at + wide]) &- Int32(other[at - wide])) / 2
                                let error = Int32(one[here + x]) &- Int32(other[at])
                                xx &+= across &* across
                                xy &+= across &* down
                                yy &+= down &* down
                                ex &+= across &* error
                                ey &+= down &* error
                            }
                        }
                        scratch.add(
                            Float(xx),
                            Float(xy),
                            Float(yy),
                            Float(ex),
                            Float(ey),
                            cells: Float((bottom - top) * (right - left)),
                            least: least
                        )
                    }
                }
            }
        }
        return scratch.median()
    }
}
