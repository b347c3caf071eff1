/// The drifts of single blocks, kept so that no picture allocates.
struct DriftScratch {
    private var count = 0
    private var xs = Array(repeating: Float(0), count: ViewGrid.blocks)
    private var ys = Array(repeating: Float(0), count: ViewGrid.blocks)
    private var sorted = Array(repeating: Float(0), count: ViewGrid.blocks)

    mutating func clear() { count = 0 }

    mutating func add(
        _ xx: Float,
        _ xy: Float,
        _ yy: Float,
        _ ex: Float,
        _ ey: Float,
        cells: Float,
        least: Float
    ) {
        let determinant = xx * yy - xy * xy
        let trace = xx + yy
        let unit = Float(Relief.unit)
        // A block that has edges in one direction only may slide along them.
        guard trace > 0.2 * least * least * unit * unit * cells, determinant > 0.02 * trace * trace else { return }
        xs[count] = (yy * ex - xy * ey) / determinant
        ys[count] = (xx * ey - xy * ex) / determinant
        count += 1
    }

    mutating func median() -> ViewMatch.Drift {
        guard count >= 4 else { return ViewMatch.Drift() }
        let (x, y) = (sorted.middle(of: xs, count: count), sorted.middle(of: ys, count: count))
        return ViewMatch.Drift(x: min(2, max(-2, x)), y: min(2, max(-2, y)))
    }
}
