/// Where a picture is sampled: `columns` × `rows` blocks, each with `side` × `side` samples, evenly spread over the picture.
/// A sample's eight neighbours lie in the picture too.
struct SampleLattice {
    static let columns = 40
    static let rows = 24
    static let side = 4
    static let blocks = columns * rows
    static let samples = blocks * side * side

    let width: Int
    let height: Int
    private(set) var x: [Int]
    private(set) var y: [Int]

    /// Nil if the picture is too small to have neighbours.
    init?(width: Int, height: Int) {
        guard width >= 3, height >= 3 else { return nil }
        (self.width, self.height) = (width, height)
        x = Self.positions(Self.columns * Self.side, of: width)
        y = Self.positions(Self.rows * Self.side, of: height)
    }

    private static func positions(_ count: Int, of size: Int) -> [Int] {
        (0..<count).map { 1 + (2 * $0 + 1) * (size - 2) / (2 * count) }
    }
}
