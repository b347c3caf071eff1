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

    /// One value a cell, and one for every four cells.
    private(set) var cells = Array(repeating: Int16(0), count: ViewGrid.cells)
    private(set) var half = Array(repeating: Int16(0), count: ViewGrid.cells / 4)
    /// Each block's mean |relief| in levels, and its mean luma.
    private(set) var texture = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var means = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var meanTexture: Float = 0
    private var integral = Array(repeating: Int32(0), count: (ViewGrid.columns + 1) * (ViewGrid.rows + 1))
    private var raw = Array(repeating: Int32(0), count: ViewGrid.cells)

    /// - Parameter lumas: 64ths of a level.
    mutating func make(of lumas: [Int32]) {
        integrate(lumas)
        subtractSurroundings(lumas)
        meanTexture = texture.reduce(0, +) / Float(ViewGrid.blocks)
        let scale = Float(Self.unit) / (64 * max(meanTexture, Self.leastTexture))
        for index in 0..<ViewGrid.cells {
            cells[index] = Int16(min(Self.most, max(-Self.most, Int32((Float(raw[index]) * scale).rounded()))))
        }
        let (width, wide) = (ViewGrid.columns / 2, ViewGrid.columns)
        for y in 0..<ViewGrid.rows / 2 {
            for x in 0..<width {
                let from = 2 * y * wide + 2 * x
                let above = Int32(cells[from]) + Int32(cells[from + 1])
                let below = Int32(cells[from + wide]) + Int32(cells[from + wide + 1])
                half[y * width + x] = Int16((above + below) / 4)
            }
        }
    }

    /// Takes another's values into its own room, which an assignment would give up.
    mutating func take(_ other: Relief) {
        for index in cells.indices { cells[index] = other.cells[index] }
        for index in half.indices { half[index] = other.half[index] }
        for block in texture.indices { (texture[block], means[block]) = (other.texture[block], other.means[block]) }
        meanTexture = other.meanTexture
    }

    private mutating func integrate(_ lumas: [Int32]) {
        let wide = ViewGrid.columns + 1
        for y in 0..<ViewGrid.rows {
            var row: Int32 = 0
            for x in 0..<ViewGrid.columns {
                row += lumas[y * ViewGrid.columns + x]
                integral[(y + 1) * wide + x + 1] = integral[y * wide + x + 1] + row
            }
        }
    }

    private mutating func subtractSurroundings(_ lumas: [Int32]) {
        for block in 0..<ViewGrid.blocks { (texture[block], means[block]) = (0, 0) }
        let wide = ViewGrid.columns + 1
        for y in 0..<ViewGrid.rows {
            let (top, bottom) = (max(0, y - Self.reach) * wide, min(ViewGrid.rows, y + Self.reach + 1) * wide)
            for x in 0..<ViewGrid.columns {
                let (left, right) = (max(0, x - Self.reach), min(ViewGrid.columns, x + Self.reach + 1))
                let sum =
                    integral[bottom + right] - integral[top + right] - integral[bottom + left] + integral[top + left]
                let count = Int32((bottom - top) / wide * (right - left))
                let luma = lumas[y * ViewGrid.columns + x]
                let value = luma - sum / count
                raw[y * ViewGrid.columns + x] = value
                let block = y / ViewGrid.blockHeight * ViewGrid.across + x / ViewGrid.blockWidth
                texture[block] += Float(abs(value))
                means[block] += Float(luma)
            }
        }
        let share = 1 / Float(64 * ViewGrid.blockCells)
        for block in 0..<ViewGrid.blocks {
            texture[block] *= share
            means[block] *= share
        }
    }
}
