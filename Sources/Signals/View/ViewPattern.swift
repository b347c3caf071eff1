/// What a view shows, the faint as plainly as the strong: its relief, measured by the mean of that around each cell. A car
/// that drives onto a bare road changes the relief's mean, but not the road's pattern. It says where a camera looks.
struct ViewPattern {
    /// What a cell has whose relief is as much as that around it.
    private static let unit = Float(Relief.unit)
    private static let most: Float = 6 * unit
    /// How many cells around one count, on each side.
    private static let reach = 8
    /// In levels: noise has as much, and a pattern that is as faint counts half.
    private static let noise: Float = 0.4

    /// One value a cell, and one for every four cells.
    private(set) var cells = Array(repeating: Int16(0), count: ViewGrid.cells)
    private(set) var half = Array(repeating: Int16(0), count: ViewGrid.cells / 4)
    /// Of |relief|, and of the squares of `half`.
    private var integral = Integral(width: ViewGrid.columns, height: ViewGrid.rows)
    private var squares = Integral(width: ViewGrid.columns / 2, height: ViewGrid.rows / 2)

    /// The sum of the squares of `half`.
    var halfEnergy: Float { Float(squares.sums[squares.sums.count - 1]) }

    /// - Parameter relief: 64ths of a level.
    mutating func make(of relief: [Int32]) {
        integral.make(of: relief) { abs($0) }
        let (wide, columns, reach) = (ViewGrid.columns + 1, ViewGrid.columns, Self.reach)
        let (unit, most, noise) = (Self.unit, Self.most, 64 * Self.noise)
        cells.withUnsafeMutableBufferPointer { cells in
            relief.withUnsafeBufferPointer { relief in
                integral.sums.withUnsafeBufferPointer { integral in
                    for y in 0..<ViewGrid.rows {
                        let (above, below) = (max(0, y - reach), min(ViewGrid.rows, y + reach + 1))
                        let (top, bottom, row) = (above * wide, below * wide, y * columns)
                        func measure(_ x: Int, _ left: Int, _ right: Int, _ share: Float) {
                            let before = integral[bottom + left] &- integral[top + left]
                            let sum = integral[bottom + right] &- integral[top + right] &- before
                            let value = unit * Float(relief[row + x]) / (Float(sum) * share + noise)
                            cells[row + x] = Int16(max(-most, min(most, value)))
                        }
                        let height = Float(below - above)
                        for x in 0..<reach { measure(x, 0, x + reach + 1, 1 / (height * Float(x + reach + 1))) }
                        let share = 1 / (height * Float(2 * reach + 1))
                        for x in reach..<columns - reach { measure(x, x - reach, x + reach + 1, share) }
                        for x in columns - reach..<columns {
                            measure(x, x - reach, columns, 1 / (height * Float(columns - x + reach)))
                        }
                    }
                }
            }
        }
        halve()
        squares.make(of: half) { Int32($0) &* Int32($0) }
    }

    /// The sum of the squares of a part of `half`.
    func halfEnergy(_ columns: Range<Int>, _ rows: Range<Int>) -> Float {
        let (top, bottom) = (rows.lowerBound * Self.squaresWide, rows.upperBound * Self.squaresWide)
        let sums = squares.sums
        let above = sums[top + columns.upperBound] &- sums[top + columns.lowerBound]
        return Float(sums[bottom + columns.upperBound] &- sums[bottom + columns.lowerBound] &- above)
    }

    private static let squaresWide = ViewGrid.columns / 2 + 1

    private mutating func halve() {
        let (width, wide) = (ViewGrid.columns / 2, ViewGrid.columns)
        cells.withUnsafeBufferPointer { cells in
            half.withUnsafeMutableBufferPointer { half in
                for y in 0..<ViewGrid.rows / 2 {
                    for x in 0..<width {
                        let from = 2 * y * wide + 2 * x
                        let above = Int32(cells[from]) &+ Int32(cells[from + 1])
                        let below = Int32(cells[from + wide]) &+ Int32(cells[from + wide + 1])
                        half[y * width + x] = Int16(truncatingIfNeeded: (above &+ below) / 4)
                    }
                }
            }
        }
    }

    /// Takes another's values into its own room, which an assignment would give up.
    mutating func take(_ other: ViewPattern) {
        for index in cells.indices { cells[index] = other.cells[index] }
        for index in half.indices { half[index] = other.half[index] }
        squares.take(other.squares)
    }
}
