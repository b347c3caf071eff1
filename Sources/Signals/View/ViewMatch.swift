/// Compares two reliefs block by block, and finds how far patterns lie from each other within a cell.
enum ViewMatch {
    /// How far two blocks' cells may lie apart, as a share of their own relief, and still show the same. Those of
    /// different things lie 1.3 apart.
    static let same: Float = 0.62

    struct Agreement {
        /// Blocks with texture in either, and how many of them show the same.
        var compared = 0
        var agreeing = 0

        var share: Float { compared > 0 ? Float(agreeing) / Float(compared) : 1 }
    }

    /// In cells. With the shift d, the cell x of the one view is compared with the cell x + d of the other: where they agree,
    /// the camera has turned by d since the other.
    struct Shift {
        var x = 0
        var y = 0
    }

    /// How much the blocks of two views agree where they are.
    ///
    /// - Parameter least: the mean |relief| from which a block counts.
    static func agreement(_ one: Relief, _ other: Relief, least: Float) -> Agreement {
        var result = Agreement()
        one.cells.withUnsafeBufferPointer { one in
            other.cells.withUnsafeBufferPointer { other in
                for row in 0..<ViewGrid.down {
                    for column in 0..<ViewGrid.across {
                        guard let distance = apart(one, other, row, column, least: least) else { continue }
                        result.compared += 1
                        if distance < same { result.agreeing += 1 }
                    }
                }
            }
        }
        return result
    }

    /// How far a block's cells lie from those of the other view, as a share of their own relief; nil if it has no texture in
    /// either.
    @inline(__always)
    private static func apart(
        _ one: UnsafeBufferPointer<Int16>,
        _ other: UnsafeBufferPointer<Int16>,
        _ row: Int,
        _ column: Int,
        least: Float
    ) -> Float? {
        var (apart, first, second): (Int32, Int32, Int32) = (0, 0, 0)
        for y in row * ViewGrid.blockHeight..<(row + 1) * ViewGrid.blockHeight {
            let start = y * ViewGrid.columns + column * ViewGrid.blockWidth
            for index in start..<start + ViewGrid.blockWidth {
                let (a, b) = (Int32(one[index]), Int32(other[index]))
                apart &+= abs(a &- b)
                first &+= abs(a)
                second &+= abs(b)
            }
        }
        let enough = least * Float(Relief.unit) * Float(ViewGrid.blockCells)
        return Float(max(first, second)) > enough ? 2 * Float(apart) / Float(first + second) : nil
    }

    struct Drift {
        /// In cells.
        var x: Float = 0
        var y: Float = 0
    }

    /// How far the one pattern lies from the other beyond a shift, to a part of a cell: the median of the blocks' drifts, each by
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
