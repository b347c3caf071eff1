/// Reduces a picture's luma to `ViewGrid`. Allocates for a new size only.
struct LumaReducer {
    /// The rows of a cell that are read; the others add cost, and little that is new.
    private static let lines = 4
    /// Beyond this width a camera's picture has no detail from pixel to pixel, and neighbours lie farther apart.
    private static let detailedWidth = 640

    private var width = 0
    private var height = 0
    private var line: [UInt8] = []
    private var lumas: [UInt16] = []
    private var bends: [UInt16] = []
    private var edges = Array(repeating: 0, count: ViewGrid.columns + 1)
    /// The mean luma of each cell, in 64ths of a level.
    private(set) var cells = Array(repeating: Int32(0), count: ViewGrid.cells)
    /// For each block the mean of |second difference| along its rows: what a lens out of focus takes away.
    private(set) var detail = Array(repeating: Float(0), count: ViewGrid.blocks)

    /// Whether the picture is large enough, and of another size than the last one that was.
    func isOther(_ plane: LumaPlane) -> Bool {
        Self.isLargeEnough(plane) && width > 0 && (plane.width != width || plane.height != height)
    }

    private static func isLargeEnough(_ plane: LumaPlane) -> Bool {
        plane.width >= ViewGrid.across && plane.height >= ViewGrid.down
    }

    /// - Returns: false if the picture is too small, in which case nothing was changed.
    mutating func reduce(_ plane: LumaPlane) -> Bool {
        guard Self.isLargeEnough(plane) else { return false }
        if plane.width != width || plane.height != height { begin(plane.width, plane.height) }
        for block in detail.indices { detail[block] = 0 }
        for row in 0..<ViewGrid.rows {
            let top = row * height / ViewGrid.rows
            let bottom = max(top + 1, (row + 1) * height / ViewGrid.rows)
            let count = min(Self.lines, bottom - top)
            for index in 0..<count {
                add(plane, row: top + (2 * index + 1) * (bottom - top) / (2 * count), isFirst: index == 0)
            }
            gather(row, lines: count)
        }
        return true
    }

    private mutating func begin(_ width: Int, _ height: Int) {
        (self.width, self.height) = (width, height)
        line = Array(repeating: 0, count: width)
        lumas = Array(repeating: 0, count: width)
        bends = lumas
        for column in 0...ViewGrid.columns { edges[column] = column * width / ViewGrid.columns }
    }

    private mutating func add(_ plane: LumaPlane, row: Int, isFirst: Bool) {
        let source = plane.start + row * plane.strideBytes
        guard plane.step == 1, plane.shift == nil else {
            for x in 0..<width { line[x] = UInt8(plane.level(at: row * plane.strideBytes + x * plane.step)) }
            line.withUnsafeBufferPointer { line in
                if let base = line.baseAddress { Self.add(base, width, &lumas, &bends, isFirst) }
            }
            return
        }
        Self.add(source, width, &lumas, &bends, isFirst)
    }

    /// Adds a row's samples, and how each differs from the mean of its neighbours.
    private static func add(
        _ samples: UnsafePointer<UInt8>,
        _ width: Int,
        _ lumas: inout [UInt16],
        _ bends: inout [UInt16],
        _ isFirst: Bool
    ) {
        let reach = max(1, width / detailedWidth)
        lumas.withUnsafeMutableBufferPointer { lumas in
            bends.withUnsafeMutableBufferPointer { bends in
                guard let lumas = lumas.baseAddress, let bends = bends.baseAddress else { return }
                if isFirst {
                    for x in 0..<width { (lumas[x], bends[x]) = (0, 0) }
                }
                for x in 0..<width { lumas[x] &+= UInt16(samples[x]) }
                guard width > 2 * reach else { return }
                let (before, after) = (samples - reach, samples + reach)
                for x in reach..<width - reach {
                    let bend = 2 &* Int16(samples[x]) &- Int16(before[x]) &- Int16(after[x])
                    bends[x] &+= UInt16(bitPattern: max(bend, 0 &- bend))
                }
            }
        }
    }

    private mutating func gather(_ row: Int, lines: Int) {
        let start = row * ViewGrid.columns
        let block = row / ViewGrid.blockHeight * ViewGrid.across
        for column in 0..<ViewGrid.columns {
            let left = min(edges[column], width - 1)
            let right = max(left + 1, edges[column + 1])
            let (sum, bend) = (Self.sum(lumas, left, right), Self.sum(bends, left, right))
            let samples = (right - left) * lines
            cells[start + column] = Int32(64 * Int(sum) / samples)
            detail[block + column / ViewGrid.blockWidth] += Float(bend) / Float(samples * ViewGrid.blockCells)
        }
    }

    private static func sum(_ values: [UInt16], _ left: Int, _ right: Int) -> UInt32 {
        values.withUnsafeBufferPointer { values in
            var sum: UInt32 = 0
            for x in left..<right { sum &+= UInt32(values[x]) }
            return sum
        }
    }
}
