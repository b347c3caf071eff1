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
    /// The sum of |relief| above and to the left of each cell, and that of the squares of `half`.
    private var integral = Array(repeating: Int32(0), count: (ViewGrid.columns + 1) * (ViewGrid.rows + 1))
    private var squares = Array(repeating: Int32(0), count: (ViewGrid.columns / 2 + 1) * (ViewGrid.rows / 2 + 1))

    /// The sum of the squares of `half`.
    var halfEnergy: Float { Float(squares[squares.count - 1]) }

    /// - Parameter relief: 64ths of a level.
    mutating func make(of relief: [Int32]) {
        integrate(relief)
        let (wide, columns, reach) = (ViewGrid.columns + 1, ViewGrid.columns, Self.reach)
        let (unit, most, noise) = (Self.unit, Self.most, 64 * Self.noise)
        cells.withUnsafeMutableBufferPointer { cells in
            relief.withUnsafeBufferPointer { relief in
                integral.withUnsafeBufferPointer { integral in
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
        square()
    }

    /// The sum of the squares of a part of `half`.
    func halfEnergy(_ columns: Range<Int>, _ rows: Range<Int>) -> Float {
        let (top, bottom) = (rows.lowerBound * Self.squaresWide, rows.upperBound * Self.squaresWide)
        let above = squares[top + columns.upperBound] &- squares[top + columns.lowerBound]
        return Float(squares[bottom + columns.upperBound] &- squares[bottom + columns.lowerBound] &- above)
    }

    private static let squaresWide = ViewGrid.columns / 2 + 1

    private mutating func square() {
        let (width, wide) = (ViewGrid.columns / 2, Self.squaresWide)
        squares.withUnsafeMutableBufferPointer { squares in
            half.withUnsafeBufferPointer { half in
                for y in 0..<ViewGrid.rows / 2 {
                    var row: Int32 = 0
                    let (above, below) = (y * wide + 1, (y + 1) * wide + 1)
                    for x in 0..<width {
                        let value = Int32(half[y * width + x])
                        row &+= value &* value
                        squares[below + x] = squares[above + x] &+ row
                    }
                }
            }
        }
    }

    private mutating func integrate(_ relief: [Int32]) {
        let wide = ViewGrid.columns + 1
        integral.withUnsafeMutableBufferPointer { integral in
            relief.withUnsafeBufferPointer { relief in
                for y in 0..<ViewGrid.rows {
                    var row: Int32 = 0
                    let (above, below) = (y * wide + 1, (y + 1) * wide + 1)
                    for x in 0..<ViewGrid.columns {
                        row &+= abs(relief[y * ViewGrid.columns + x])
                        integral[below + x] = integral[above + x] &+ row
                    }
                }
            }
        }
    }

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
        for index in squares.indices { squares[index] = other.squares[index] }
    }
}
