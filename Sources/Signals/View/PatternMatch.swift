/// Finds where one pattern lies in another: by the correlation of all that both show, so that no part of a picture need have
/// plain edges. With the shift d, the cell x of the one is compared with the cell x + d of the other.
enum PatternMatch {
    /// How far the camera may have turned, in half cells, and how far it mostly has since a view just before.
    private static let far = (across: 18, down: 10)
    private static let near = (across: 4, down: 3)
    /// The correlation from which on no place farther away need be searched.
    private static let certain: Float = 0.6
    /// The least correlation of a place, and by how much it surpasses that of any other place, which lies so many half cells
    /// away.
    private static let least: Float = 0.35
    private static let ahead: Float = 0.25
    private static let apart = 2
    /// Of two patterns' energy, the least that counts as lying in both: where hardly any does, all is alike by chance.
    private static let common: Float = 0.25
    /// The mean square from which a block has a pattern.
    private static let blockEnergy: Float = 150

    struct Place {
        var shift = ViewMatch.Shift()
        /// The correlation there, from -1 to 1.
        var likeness: Float = 0
    }

    /// Where the one plainly lies, not far from `shift`.
    static func find(_ one: ViewPattern, in other: ViewPattern, near shift: ViewMatch.Shift) -> Place? {
        var best = Place(likeness: -.infinity)
        for y in shift.y / 2 - near.down...shift.y / 2 + near.down {
            for x in shift.x / 2 - near.across...shift.x / 2 + near.across {
                let found = halfLikeness(one, other, x, y)
                if found > best.likeness { best = Place(shift: ViewMatch.Shift(x: x, y: y), likeness: found) }
            }
        }
        return best.likeness >= certain ? finest(one, other, around: best.shift) : nil
    }

    /// Where the one lies, if one place is more like it than all others.
    static func find(_ one: ViewPattern, in other: ViewPattern) -> Place? {
        var (best, rival) = (Place(likeness: -.infinity), -Float.infinity)
        for y in -far.down...far.down {
            for x in -far.across...far.across {
                let found = halfLikeness(one, other, x, y)
                let isApart = max(abs(x - best.shift.x), abs(y - best.shift.y)) > apart
                if found > best.likeness {
                    if isApart { rival = max(rival, best.likeness) }
                    best = Place(shift: ViewMatch.Shift(x: x, y: y), likeness: found)
                } else if isApart {
                    rival = max(rival, found)
                }
            }
        }
        return best.likeness >= rival + ahead ? finest(one, other, around: best.shift) : nil
    }

    private static func finest(_ one: ViewPattern, _ other: ViewPattern, around half: ViewMatch.Shift) -> Place? {
        var best = Place(likeness: -.infinity)
        for y in 2 * half.y - 1...2 * half.y + 1 {
            for x in 2 * half.x - 1...2 * half.x + 1 {
                let shift = ViewMatch.Shift(x: x, y: y)
                let found = likeness(one, other, shift)
                if found > best.likeness { best = Place(shift: shift, likeness: found) }
            }
        }
        return best.likeness >= least ? best : nil
    }

    static func likeness(_ one: ViewPattern, _ other: ViewPattern, _ shift: ViewMatch.Shift) -> Float {
        let (columns, rows) = overlap(ViewGrid.columns, ViewGrid.rows, shift.x, shift.y)
        guard !columns.isEmpty, !rows.isEmpty else { return 0 }
        var (both, first, second): (Float, Float, Float) = (0, 0, 0)
        one.cells.withUnsafeBufferPointer { one in
            other.cells.withUnsafeBufferPointer { other in
                guard let one = one.baseAddress, let other = other.baseAddress else { return }
                for y in rows {
                    let here = one + y * ViewGrid.columns
                    let there = other + (y + shift.y) * ViewGrid.columns + shift.x
                    var (ab, aa, bb): (Int32, Int32, Int32) = (0, 0, 0)
                    for x in columns {
                        let (a, b) = (Int32(here[x]), Int32(there[x]))
                        ab &+= a &* b
                        aa &+= a &* a
                        bb &+= b &* b
                    }
                    both += Float(ab)
                    first += Float(aa)
                    second += Float(bb)
                }
            }
        }
        // Four times as many cells have so much more energy than the halves, at the least.
        let floor = 4 * common * (one.halfEnergy * other.halfEnergy).squareRoot()
        let size = max((first * second).squareRoot(), floor)
        return size > 0 ? both / size : 0
    }

    /// The same of the halves, which the search is for: their energy is known.
    private static func halfLikeness(_ one: ViewPattern, _ other: ViewPattern, _ shiftX: Int, _ shiftY: Int) -> Float {
        let wide = ViewGrid.columns / 2
        let (columns, rows) = overlap(wide, ViewGrid.rows / 2, shiftX, shiftY)
        guard !columns.isEmpty, !rows.isEmpty else { return 0 }
        var both: Int32 = 0
        one.half.withUnsafeBufferPointer { one in
            other.half.withUnsafeBufferPointer { other in
                guard let one = one.baseAddress, let other = other.baseAddress else { return }
                for y in rows {
                    let here = one + y * wide
                    let there = other + (y + shiftY) * wide + shiftX
                    var ab: Int32 = 0
                    for x in columns { ab &+= Int32(here[x]) &* Int32(there[x]) }
                    both &+= ab
                }
            }
        }
        let first = one.halfEnergy(columns, rows)
        let second = other.halfEnergy(
            columns.lowerBound + shiftX..<columns.upperBound + shiftX,
            rows.lowerBound + shiftY..<rows.upperBound + shiftY
        )
        let floor = common * (one.halfEnergy * other.halfEnergy).squareRoot()
        let size = max((first * second).squareRoot(), floor)
        return size > 0 ? Float(both) / size : 0
    }

    /// The columns and rows that lie in both.
    @inline(__always)
    private static func overlap(_ wide: Int, _ high: Int, _ x: Int, _ y: Int) -> (Range<Int>, Range<Int>) {
        let (left, top) = (min(wide, max(0, -x)), min(high, max(0, -y)))
        return (left..<max(left, min(wide, wide - x)), top..<max(top, min(high, high - y)))
    }

    /// The likeness of a block to another view's; nil if too little of it lies in both, or it has no pattern in either.
    ///
    /// - Parameter one, other: all cells of a pattern each.
    @inline(__always)
    static func likeness(
        _ one: UnsafePointer<Int16>,
        _ other: UnsafePointer<Int16>,
        _ row: Int,
        _ column: Int,
        _ shift: ViewMatch.Shift
    ) -> Float? {
        let top = max(row * ViewGrid.blockHeight, -shift.y)
        let bottom = min((row + 1) * ViewGrid.blockHeight, ViewGrid.rows - shift.y)
        let left = max(column * ViewGrid.blockWidth, -shift.x)
        let right = min((column + 1) * ViewGrid.blockWidth, ViewGrid.columns - shift.x)
        guard 2 * (bottom - top) > ViewGrid.blockHeight, 2 * (right - left) > ViewGrid.blockWidth else { return nil }
        var (both, first, second): (Int32, Int32, Int32) = (0, 0, 0)
        for y in top..<bottom {
            let here = one + y * ViewGrid.columns
            let there = other + (y + shift.y) * ViewGrid.columns + shift.x
            for x in left..<right {
                let (a, b) = (Int32(here[x]), Int32(there[x]))
                both &+= a &* b
                first &+= a &* a
                second &+= b &* b
            }
        }
        let least = blockEnergy * Float((bottom - top) * (right - left))
        guard Float(max(first, second)) > least else { return nil }
        return Float(both) / max((Float(first) * Float(second)).squareRoot(), least)
    }
}
