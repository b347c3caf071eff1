import Glibc

/// Distinguishes frames that show something new from frames that do not, so that a still scene is not encoded again.
///
/// A frame is compared with the last *encoded* one, not with the one before it, so slow change adds up until it is
/// detected. Pictures are compared as means of 4×4 pixels, which average out sensor noise. The difference is taken per
/// block and the largest one counts, so a small actor is not lost in a large still scene.
struct SceneGate {
    struct Settings: Sendable, Equatable {
        /// The largest block difference, in levels of 0…255, that counts as nothing new; 0 turns the gate off.
        var threshold: Double
        /// The longest time between two encoded frames, whatever they show.
        var refresh: Duration
    }

    enum Verdict: Equatable {
        /// Byte for byte the same as the last encoded frame.
        case identical
        /// Nothing new beyond noise.
        case still
        case changed
        /// Nothing new, but the last encoded frame is as old as the refresh allows.
        case due
        /// Most of the picture changed: a cut, or a jump of the light.
        case cut
    }

    /// The side of a cell in pixels.
    private static let cell = 4
    /// The side of a block in cells.
    private static let block = 4
    /// A mean difference of all blocks above this many levels is a cut.
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

    /// Compares a frame with the last encoded one.
    ///
    /// - Parameters:
    ///   - pixels: the frame, [height, width, 3] bytes.
    ///   - time: now, on a clock that does not go back.
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

    /// Remembers a frame that was encoded, for comparison with later ones.
    ///
    /// - Parameters:
    ///   - pixels: the frame that was judged last, [height, width, 3] bytes.
    ///   - time: the time at which it was judged.
    mutating func remember(_ pixels: UnsafePointer<UInt8>, at time: Duration) {
        encodedAt = time
        encoded.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(start: pixels, count: $0.count)) }
        guard settings.threshold > 0 else { return }
        measureCells(pixels)
        swap(&cells, &encodedCells)
    }

    /// Computes the sum over each cell's pixels and channels.
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

    /// The largest and the mean block difference, in levels.
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
