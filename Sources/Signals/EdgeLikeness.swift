/// Compares the edges between a picture's blocks with those of an earlier picture, by their correlation: light and gain
/// leave it as it is, another view does not.
struct EdgeLikeness {
    private var kept = Array(repeating: Float(0), count: SampleLattice.blocks)
    private var hasPicture = false

    /// Keeps the blocks' means to compare the next pictures with.
    mutating func keep(_ means: [Float]) {
        for block in 0..<SampleLattice.blocks { kept[block] = means[block] }
        hasPicture = true
    }

    mutating func forget() { hasPicture = false }

    /// From -1 to 1; 0 if nothing was kept.
    func likeness(of means: [Float]) -> Float {
        guard hasPicture else { return 0 }
        var (both, now, then): (Float, Float, Float) = (0, 0, 0)
        for row in 0..<SampleLattice.rows - 1 {
            for column in 0..<SampleLattice.columns - 1 {
                let at = row * SampleLattice.columns + column
                let here = SIMD2(means[at + 1], means[at + SampleLattice.columns]) - means[at]
                let there = SIMD2(kept[at + 1], kept[at + SampleLattice.columns]) - kept[at]
                both += (here * there).sum()
                now += (here * here).sum()
                then += (there * there).sum()
            }
        }
        let size = (now * then).squareRoot()
        return size > 0 ? both / size : 0
    }
}
