/// The edges of a view without its light: how far each cell lies from the mean of those around it, measured by the mean of
/// that over the picture. Lamps, clouds and exposure leave it as it is, and so matches by it are matches of what is seen.
struct Relief {
    /// What a cell of the picture's mean |relief| has.
    static let unit: Int32 = 32
    private static let most: Int32 = 16 * unit
    /// How many cells around one count as its surroundings, on each side.
    private static let reach = 4
    /// Below this mean in levels a picture's relief is noise, and is not made larger.
    private static let leastTexture: Float = 0.5

    /// One value a cell.
    private(set) var cells = Array(repeating: Int16(0), count: ViewGrid.cells)
    /// Each block's mean |relief| in levels, and its mean luma.
    private(set) var texture = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var means = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var meanTexture: Float = 0
    private var integral = Integral(width: ViewGrid.columns, height: ViewGrid.rows)
    /// The same as they are, in 64ths of a level.
    private(set) var raw = Array(repeating: Int32(0), count: ViewGrid.cells)

    /// - Parameter lumas: 64ths of a level.
    mutating func make(of lumas: [Int32]) {
        integral.make(of: lumas) { $0 }
        subtractSurroundings(lumas)
        meanTexture = texture.reduce(0, +) / Float(ViewGrid.blocks)
        let scale = Float(Self.unit) / (64 * max(meanTexture, Self.leastTexture))
        let most = Float(Self.most)
        cells.withUnsafeMutableBufferPointer { cells in
            raw.withUnsafeBufferPointer { raw in
                for index in 0..<ViewGrid.cells {
                    let value = min(most, max(-most, Float(raw[index]) * scale))
                    cells[index] = Int16(truncatingIfNeeded: Int32(value + (value < 0 ? -0.5 : 0.5)))
                }
            }
        }
    }

    /// Takes another's values into its own room, which an assignment would give up.
    mutating func take(_ other: Relief) {
        for index in cells.indices { cells[index] = other.cells[index] }
        for block in texture.indices { (texture[block], means[block]) = (other.texture[block], other.means[block]) }
        meanTexture = other.meanTexture
    }

    private mutating func subtractSurroundings(_ lumas: [Int32]) {
        for block in 0..<ViewGrid.blocks { (texture[block], means[block]) = (0, 0) }
        lumas.withUnsafeBufferPointer { lumas in
            integral.sums.withUnsafeBufferPointer { integral in
                raw.withUnsafeMutableBufferPointer { raw in
                    for y in 0..<ViewGrid.rows { Self.subtractSurroundings(y, lumas, integral, raw) }
                }
            }
        }
        for y in 0..<ViewGrid.rows { addUp(y, lumas) }
        let share = 1 / Float(64 * ViewGrid.blockCells)
        for block in 0..<ViewGrid.blocks {
            texture[block] *= share
            means[block] *= share
        }
    }

    private static func subtractSurroundings(
        _ y: Int,
        _ lumas: UnsafeBufferPointer<Int32>,
        _ integral: UnsafeBufferPointer<Int32>,
        _ raw: UnsafeMutableBufferPointer<Int32>
    ) {
        let (wide, columns) = (ViewGrid.columns + 1, ViewGrid.columns)
        let (above, below) = (max(0, y - reach), min(ViewGrid.rows, y + reach + 1))
        let (top, bottom, row) = (above * wide, below * wide, y * columns)
        func subtract(_ x: Int) {
            let (left, right) = (max(0, x - reach), min(columns, x + reach + 1))
            let before = integral[bottom + left] &- integral[top + left]
            let sum = integral[bottom + right] &- integral[top + right] &- before
            raw[row + x] = lumas[row + x] &- sum / Int32((below - above) * (right - left))
        }
        for x in 0..<reach { subtract(x) }
        // Between the borders all cells have as many around them.
        let share = 1 / Float((below - above) * (2 * reach + 1))
        for x in reach..<columns - reach {
            let (left, right) = (x - reach, x + reach + 1)
            let before = integral[bottom + left] &- integral[top + left]
            let sum = integral[bottom + right] &- integral[top + right] &- before
            raw[row + x] = lumas[row + x] &- Int32(Float(sum) * share)
        }
        for x in columns - reach..<columns { subtract(x) }
    }

    private mutating func addUp(_ y: Int, _ lumas: [Int32]) {
        let first = y / ViewGrid.blockHeight * ViewGrid.across
        raw.withUnsafeBufferPointer { raw in
            lumas.withUnsafeBufferPointer { lumas in
                for column in 0..<ViewGrid.across {
                    let start = y * ViewGrid.columns + column * ViewGrid.blockWidth
                    var (size, luma): (Int32, Int32) = (0, 0)
                    for index in start..<start + ViewGrid.blockWidth {
                        size &+= abs(raw[index])
                        luma &+= lumas[index]
                    }
                    texture[first + column] += Float(size)
                    means[first + column] += Float(luma)
                }
            }
        }
    }
}
