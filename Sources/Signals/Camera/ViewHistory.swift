/// The views of the last four seconds, in a ring that never grows.
struct ViewHistory {
    struct View {
        /// In seconds.
        var time = 0.0
        /// Where the camera looks, and how far it has turned since the view before; both in views. A belt may carry the
        /// place away for months.
        var place = SIMD2<Double>.zero
        var step = SIMD2<Float>.zero
        var isLost = false
        var isTurning = false
        /// How like it is to what its place was found in, from -1 to 1.
        var likeness: Float = 1
        /// How much fine detail it has, as a share of the usual.
        var detail: Float = 1
        /// The share of its blocks that something hides.
        var hidden: Float = 0
        /// As `PictureMeasures.colour`.
        var colour: Float = 0

        /// Whether the camera turned: by more than what a match is wrong by.
        var isMoving: Bool { !isLost && Self.length(step) > 0.003 }

        static func length(_ vector: SIMD2<Float>) -> Float { (vector * vector).sum().squareRoot() }
    }

    /// Views come ten times a second at most.
    private static let capacity = 48

    private var views = Array(repeating: View(), count: capacity)
    private var means = Array(repeating: Float(0), count: capacity * ViewGrid.blocks)
    private var head = 0
    private(set) var count = 0

    mutating func add(_ view: View, means blocks: [Float]) {
        head = (head + 1) % Self.capacity
        count = min(count + 1, Self.capacity)
        views[head] = view
        for block in 0..<ViewGrid.blocks { means[head * ViewGrid.blocks + block] = blocks[block] }
    }

    /// Forgets all views, and keeps the room.
    mutating func clear() { count = 0 }

    /// A view by its age: 0 is the newest.
    subscript(age: Int) -> View {
        get { views[index(age)] }
        set { views[index(age)] = newValue }
    }

    /// A block's mean luma in the view of an age.
    func mean(_ block: Int, age: Int) -> Float { means[index(age) * ViewGrid.blocks + block] }

    /// The ages of the views that are at least `from` and less than `to` seconds older than `now`.
    func ages(from: Double = 0, to: Double, before now: Double) -> Range<Int> {
        var first = 0
        while first < count, now - self[first].time < from { first += 1 }
        var last = first
        while last < count, now - self[last].time < to { last += 1 }
        return first..<last
    }

    private func index(_ age: Int) -> Int { (head + Self.capacity - age) % Self.capacity }
}
