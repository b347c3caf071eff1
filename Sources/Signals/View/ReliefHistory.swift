/// The edges of the last views, in a ring that never grows.
struct ReliefHistory {
    /// More than a second of views.
    private static let capacity = 12

    private var cells = Array(repeating: Int16(0), count: capacity * ViewGrid.cells)
    private var head = 0
    private(set) var count = 0

    mutating func add(_ relief: [Int16]) {
        head = (head + 1) % Self.capacity
        count = min(count + 1, Self.capacity)
        let start = head * ViewGrid.cells
        cells.withUnsafeMutableBufferPointer { cells in
            relief.withUnsafeBufferPointer { relief in
                for index in 0..<ViewGrid.cells { cells[start + index] = relief[index] }
            }
        }
    }

    /// How the blocks of the newest view lie to those of the view of an age.
    ///
    /// - Parameter shift: how far the camera is thought to have turned since then.
    func vote(age: Int, shift: ViewMatch.Shift, least: Float) -> ViewVote {
        var vote = ViewVote()
        guard age > 0, age < count else { return vote }
        let now = head * ViewGrid.cells
        let then = (head + Self.capacity - age) % Self.capacity * ViewGrid.cells
        cells.withUnsafeBufferPointer { cells in
            guard let start = cells.baseAddress else { return }
            for row in 0..<ViewGrid.down {
                for column in 0..<ViewGrid.across {
                    let stay = ViewMatch.apart(start + now, start + then, row, column, ViewMatch.Shift(), least: least)
                    let gone = ViewMatch.apart(start + now, start + then, row, column, shift, least: least)
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
    private(set) var went = 0
    private(set) var stayed = 0
    private var quarters = SIMD4<Int>.zero

    /// In how many quarters of the picture something went along.
    var spread: Int { (0..<4).count { quarters[$0] > 0 } }

    /// - Parameters:
    ///   - stay: how far a block lies from the same place of before.
    ///   - gone: how far it lies from where it was before, if the camera turned.
    mutating func take(stay: Float, gone: Float, _ row: Int, _ column: Int) {
        if gone < ViewMatch.same, gone < 0.8 * stay {
            went += 1
            quarters[2 * row / ViewGrid.down * 2 + 2 * column / ViewGrid.across] += 1
        } else if stay < ViewMatch.same, stay < 0.8 * gone {
            stayed += 1
        }
    }
}
