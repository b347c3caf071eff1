/// The patterns of the last views, in a ring that never grows.
struct PatternHistory {
    /// More than a second of views.
    private static let capacity = 12

    private var cells = Array(repeating: Int16(0), count: capacity * ViewGrid.cells)
    private var head = 0
    private(set) var count = 0

    mutating func add(_ pattern: [Int16]) {
        head = (head + 1) % Self.capacity
        count = min(count + 1, Self.capacity)
        let start = head * ViewGrid.cells
        cells.withUnsafeMutableBufferPointer { cells in
            pattern.withUnsafeBufferPointer { pattern in
                for index in 0..<ViewGrid.cells { cells[start + index] = pattern[index] }
            }
        }
    }

    /// How the blocks of the newest view lie to those of the view of an age.
    ///
    /// - Parameter shift: how far the camera is thought to have turned since then.
    func vote(age: Int, shift: ViewMatch.Shift) -> ViewVote {
        var vote = ViewVote()
        guard age > 0, age < count else { return vote }
        let now = head * ViewGrid.cells
        let then = (head + Self.capacity - age) % Self.capacity * ViewGrid.cells
        cells.withUnsafeBufferPointer { cells in
            guard let start = cells.baseAddress else { return }
            for row in 0..<ViewGrid.down {
                for column in 0..<ViewGrid.across {
                    let stay = PatternMatch.likeness(start + now, start + then, row, column, ViewMatch.Shift())
                    let gone = PatternMatch.likeness(start + now, start + then, row, column, shift)
                    if let stay, let gone { vote.take(stay: stay, gone: gone, row, column) }
                }
            }
        }
        return vote
    }
}

/// Which blocks went along with a turn of the camera, and which stayed where they were. In a turn none stays; where
/// something moves before the camera, what is beside it does.
struct ViewVote {
    /// Those with a pattern in either view.
    private(set) var blocks = 0
    private(set) var went = 0
    private(set) var stayed = 0
    private var quarters = SIMD4<Int>.zero

    /// Of the blocks that went along in a turn, how many may have stayed: a logo, a clock.
    private static let mayStay = 0.15
    private static let fewest = 5

    /// Whether nearly all went along that can be said to have gone or stayed.
    var isOfMost: Bool { went >= Self.fewest && Double(stayed) <= Self.mayStay * Double(went) }

    /// In how many quarters of the picture something went along.
    var spread: Int { (0..<4).count { quarters[$0] > 0 } }

    /// The likeness of a block that shows the same, and by how much it is more like one place than the other.
    private static let same: Float = 0.4
    private static let ahead: Float = 0.15

    /// - Parameters:
    ///   - stay: how like a block is to the same place of before.
    ///   - gone: how like it is to where it was before, if the camera turned.
    mutating func take(stay: Float, gone: Float, _ row: Int, _ column: Int) {
        blocks += 1
        if gone >= Self.same, gone >= stay + Self.ahead {
            went += 1
            quarters[2 * row / ViewGrid.down * 2 + 2 * column / ViewGrid.across] += 1
        } else if stay >= Self.same, stay >= gone + Self.ahead {
            stayed += 1
        }
    }
}
