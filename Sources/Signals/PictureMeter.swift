package import Frames

/// Measures the signal of a stream's pictures on a sparse grid of samples at the camera's own size, where noise has not
/// averaged away. Allocates for a new size only.
package struct PictureMeter: ~Copyable {
    /// A block is unchanged if its samples differ by less than this on average. The codec's noise is below; so are most
    /// blocks of a quiet scene, but never nine tenths of them for long.
    private static let unchangedLevels = 0.75
    /// The share of unchanged blocks below which a picture is another one.
    private static let sameShare: Float = 0.9
    /// A picture has colours from here on. Below, the codec may round the few that there are to none.
    static let colourful: Float = 4

    private var lattice: SampleLattice?
    /// The samples of the picture under measure and of the one it is compared with, block after block.
    private var current: [UInt8] = []
    private var reference: [UInt8] = []
    private var hasReference = false
    /// Each block's mean colour: blue and red without the luma.
    private var colours: [SIMD2<Float>] = Array(repeating: .zero, count: SampleLattice.blocks)

    /// Each block's mean luma.
    private var blockLumas = Array(repeating: Float(0), count: SampleLattice.blocks)
    private var coloured = EdgeLikeness()

    private var lumas = Histogram(from: 0, to: 255, step: 1)
    private var means = Histogram(from: 0, to: 255, step: 0.25)
    private var noises = Histogram(from: 0, to: 128, step: 0.125)
    private var blues = Histogram(from: -256, to: 256, step: 0.25)
    private var reds = Histogram(from: -256, to: 256, step: 0.25)
    private var distances = Histogram(from: 0, to: 512, step: 0.25)

    package init() {}

    /// Measures one picture.
    ///
    /// - Parameters:
    ///   - pixels: `height` rows of R, G, B, `strideBytes` apart.
    /// - Returns: nil if the picture is too small to measure.
    package mutating func measure(
        _ pixels: UnsafePointer<UInt8>,
        width: Int,
        height: Int,
        strideBytes: Int
    ) -> PictureMeasures? {
        if lattice?.width != width || lattice?.height != height { begin(width: width, height: height) }
        guard let lattice else { return nil }
        clear()
        var unchanged = 0
        for row in 0..<SampleLattice.rows {
            for column in 0..<SampleLattice.columns {
                if sample(row, column, lattice, pixels, strideBytes) { unchanged += 1 }
            }
        }
        var measures = PictureMeasures()
        measures.light = lumas.percentile(0.98)
        measures.contrast = means.percentile(0.95) - means.percentile(0.05)
        measures.noise = noises.percentile(0.1)
        measures.colour = colour()
        measures.likeness = coloured.likeness(of: blockLumas)
        if measures.colour >= Self.colourful, measures.noise < SignalJudge.drowned { coloured.keep(blockLumas) }
        measures.unchanged = hasReference ? Float(unchanged) / Float(SampleLattice.blocks) : 0
        if measures.unchanged < Self.sameShare {
            swap(&current, &reference)
            hasReference = true
        }
        return measures
    }

    private mutating func begin(width: Int, height: Int) {
        lattice = SampleLattice(width: width, height: height)
        current = Array(repeating: 0, count: SampleLattice.samples)
        reference = current
        hasReference = false
        coloured.forget()
    }

    private mutating func clear() {
        lumas.clear()
        means.clear()
        noises.clear()
        blues.clear()
        reds.clear()
        distances.clear()
    }

    /// Measures one block.
    ///
    /// - Returns: whether it is as in the picture of reference.
    private mutating func sample(
        _ row: Int,
        _ column: Int,
        _ lattice: SampleLattice,
        _ pixels: UnsafePointer<UInt8>,
        _ strideBytes: Int
    ) -> Bool {
        let side = SampleLattice.side
        var index = (row * SampleLattice.columns + column) * side * side
        var (sum, blue, red, curvature, change) = (0, 0, 0, 0, 0)
        for y in row * side..<(row + 1) * side {
            for x in column * side..<(column + 1) * side {
                let pixel = pixels + lattice.y[y] * strideBytes + lattice.x[x] * 3
                let luma = Self.luma(pixel)
                curvature += abs(Self.curvature(pixel, strideBytes))
                sum += luma
                red += Int(pixel[0]) - luma
                blue += Int(pixel[2]) - luma
                lumas.add(Float(luma))
                change += abs(luma - Int(reference[index]))
                current[index] = UInt8(clamping: luma)
                index += 1
            }
        }
        let count = Float(side * side)
        let mean = Float(sum) / count
        means.add(mean)
        blockLumas[row * SampleLattice.columns + column] = mean
        // Black and white clip the noise: such blocks say nothing about it.
        if mean > 8, mean < 247 { noises.add(Float(curvature) / count * Self.deviation) }
        let colour = SIMD2(Float(blue), Float(red)) / count
        colours[row * SampleLattice.columns + column] = colour
        blues.add(colour.x)
        reds.add(colour.y)
        return Double(change) <= Self.unchangedLevels * Double(count)
    }

    /// How far the blocks lie from the picture's median colour.
    private mutating func colour() -> Float {
        let usual = SIMD2(blues.percentile(0.5), reds.percentile(0.5))
        for block in colours.indices {
            let apart = colours[block] - usual
            distances.add(abs(apart.x) + abs(apart.y))
        }
        return distances.percentile(0.9)
    }

    /// From the mean of |curvature| to the noise's standard deviation: J. Immerkær, Fast Noise Variance Estimation, 1996.
    private static let deviation = Float((Double.pi / 2).squareRoot() / 6)

    /// The difference of two Laplacians, which neither a plane nor an edge along an axis or a diagonal raises much.
    private static func curvature(_ pixel: UnsafePointer<UInt8>, _ strideBytes: Int) -> Int {
        let (above, below) = (pixel - strideBytes, pixel + strideBytes)
        let corners = luma(above - 3) + luma(above + 3) + luma(below - 3) + luma(below + 3)
        let sides = luma(above) + luma(below) + luma(pixel - 3) + luma(pixel + 3)
        return corners - 2 * sides + 4 * luma(pixel)
    }

    private static func luma(_ pixel: UnsafePointer<UInt8>) -> Int {
        (77 * Int(pixel[0]) + 150 * Int(pixel[1]) + 29 * Int(pixel[2])) >> 8
    }
}
