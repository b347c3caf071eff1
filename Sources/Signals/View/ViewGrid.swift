/// How a view is divided: cells of luma, and blocks of cells.
enum ViewGrid {
    static let columns = 128
    static let rows = 72
    static let cells = columns * rows
    static let blockWidth = 16
    static let blockHeight = 12
    static let across = columns / blockWidth
    static let down = rows / blockHeight
    static let blocks = across * down
    static let blockCells = blockWidth * blockHeight
}
