import Glibc

/// Tells a frame that shows something new from one that does not: what stands still is not encoded again.
///
/// A frame is compared with the last *encoded* one, never with the one before it, so that slow change adds up until it is
/// seen. Pictures are compared as means of 4×4 pixels, where sensor noise averages out; the difference is taken block by
/// block and the greatest counts, so that a small actor is not lost in a large still scene.
struct SceneGate {
    struct Settings: Sendable, Equatable {
        /// The greatest block difference, in levels of 0…255, that counts as nothing new; 0 turns the gate off.
        var threshold: Double
        /// A frame is encoded at least this often all the same.
        var refresh: Duration
    }

    enum Verdict: Equatable {
        /// Byte for byte the last encoded frame.
        case identical
        /// Nothing new beyond noise.
        case still
        case changed
        /// Nothing new either, but the last encoded frame is as old as the refresh allows.
        case due
        /// Most of the picture is another: a cut, or the light has jumped.
        case cut
    }

    /// Pixels on a cell's side, and cells on a block's side.
    private static let cell = 4
    private static let block = 4
    /// A mean difference of all blocks beyond this many levels is another picture.
    static let cutLevels = 24.0

    private let settings: Settings
    private let width: Int
    private let height: Int
    private let cellsAcross: Int
    private let cellsDown: Int
    private var encoded: [UInt8]
    private var encodedCells: [Int32]
    private var cells: [Int32]
    private var encodedAt: Duration?

    init(settings: Settings, width: Int, height: Int) {
        self.settings = settings
        self.width = width
        self.height = height
        cellsAcross = max(1, width / Self.cell)
        cellsDown = max(1, height / Self.cell)
        encoded = Array(repeating: 0, count: width * height * 3)
        encodedCells = Array(repeating: 0, count: cellsAcross * cellsDown)
        cells = encodedCells
    }

    /// Forgets the last encoded frame.
    mutating func clear() { encodedAt = nil }

    /// What a frame is beside the last encoded one. `time`: any clock that does not go back.
    mutating func judge(_ pixels: UnsafePointer<UInt8>, at time: Duration) -> Verdict {
        guard let encodedAt else { return .changed }
        let isIdentical = encoded.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memcmp($0, pixels, bytes.count) == 0 } ?? true
        }
        if isIdentical { return .identical }
        guard settings.threshold > 0 else { return .changed }
        measureCells(pixels)
        let (greatest, mean) = blockDifferences()
        if mean > Self.cutLevels { return .cut }
        if greatest > settings.threshold { return .changed }
        return time - encodedAt >= settings.refresh ? .due : .still
    }

    /// The frame that was judged last, at `time`, is encoded: later ones are compared with it.
    mutating func remember(_ pixels: UnsafePointer<UInt8>, at time: Duration) {
        encodedAt = time
        encoded.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(start: pixels, count: $0.count)) }
        guard settings.threshold > 0 else { return }
        measureCells(pixels)
        swap(&cells, &encodedCells)
    }

    /// Sums over each cell's pixels and channels.
    private mutating func measureCells(_ pixels: UnsafePointer<UInt8>) {
        let (across, down, rowBytes, run) = (cellsAcross, cellsDown, width * 3, min(Self.cell, width) * 3)
        cells.withUnsafeMutableBufferPointer { cells in
            for y in 0..<down {
                for x in 0..<across {
                    var sum: Int32 = 0
                    for line in 0..<min(Self.cell, height) {
                        let start = pixels + (y * Self.cell + line) * rowBytes + x * run
                        for index in 0..<run { sum &+= Int32(start[index]) }
                    }
                    cells[y * across + x] = sum
                }
            }
        }
    }

    /// The greatest and the mean block difference, in levels.
    private func blockDifferences() -> (greatest: Double, mean: Double) {
        let values = Double(min(Self.cell, width) * min(Self.cell, height) * 3)
        var (greatest, total, blocks) = (0.0, 0.0, 0)
        for top in stride(from: 0, to: cellsDown, by: Self.block) {
            for left in stride(from: 0, to: cellsAcross, by: Self.block) {
                var (sum, count) = (0, 0)
                for y in top..<min(top + Self.block, cellsDown) {
                    for x in left..<min(left + Self.block, cellsAcross) {
                        sum += Int(abs(cells[y * cellsAcross + x] - encodedCells[y * cellsAcross + x]))
                        count += 1
                    }
                }
                let difference = Double(sum) / (Double(count) * values)
                greatest = max(greatest, difference)
                total += difference
                blocks += 1
            }
        }
        return (greatest, total / Double(max(blocks, 1)))
    }
}
