/// Reads Python's pickle format, protocols 2 to 5, and executes nothing. It knows how PyTorch writes tensors; any other
/// object of the pickle becomes an opaque value.
///
/// Source: Python's pickletools. Every opcode costs at least one step of a fixed budget, which bounds time and memory
/// whatever the pickle says; declared lengths are checked against the file before anything is taken.
struct PickleMachine {
    var heap = PickleHeap()
    private(set) var cursor: ByteCursor
    private(set) var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var steps: Int

    /// A training checkpoint of the largest X-CLIP with its optimizer's state takes about a fifth of this.
    static let maximumSteps = 500_000
    /// The largest pickle that is read. A checkpoint's is below 1 MiB.
    static let maximumBytes = 32 << 20
    /// Longer texts are kept as ranges of the file.
    static let maximumText = 4096

    /// - Parameter range: of the pickle in the file; only its first `maximumBytes` are read.
    init(file: CheckpointFile, range: Range<Int>) throws(CheckpointError) {
        let length = min(range.count, Self.maximumBytes)
        cursor = ByteCursor(try file.part(range.lowerBound..<range.lowerBound + length))
        steps = Self.maximumSteps
    }

    /// Reads one pickle, up to and including its STOP.
    mutating func run() throws(CheckpointError) -> PickleValue {
        stack.removeAll()
        marks.removeAll()
        memo.removeAll()
        while true {
            try spend(1)
            guard let opcode = cursor.integer(UInt8.self) else { throw ended() }
            if opcode == UInt8(ascii: ".") { return try pop() }
            try execute(opcode)
        }
    }

    /// Takes `count` steps from the budget.
    mutating func spend(_ count: Int) throws(CheckpointError) {
        guard count <= steps else {
            throw error(.unsupported, "the pickle does more than any checkpoint needs; is this a PyTorch checkpoint?")
        }
        steps -= count
    }

    // MARK: Errors

    func error(_ code: CheckpointError.Code, _ message: String) -> CheckpointError {
        CheckpointError(code, at: "\(cursor.part.path): byte \(cursor.offset)", message)
    }

    func ended() -> CheckpointError {
        error(.truncated, "the pickle breaks off; copy or download the file again")
    }

    func malformed(_ what: String) -> CheckpointError {
        error(.malformed, "not a pickle that PyTorch wrote (\(what))")
    }

    // MARK: Operands

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(CheckpointError) -> T {
        guard let value = cursor.integer(type) else { throw ended() }
        return value
    }

    mutating func take(_ count: some FixedWidthInteger) throws(CheckpointError) -> Range<Int> {
        guard let count = Int(exactly: count), let range = cursor.take(count) else { throw ended() }
        return range
    }

    mutating func line() throws(CheckpointError) -> String {
        guard let range = cursor.line(limit: 256), let text = cursor.part.text(range) else {
            throw malformed("a name without end")
        }
        return text
    }

    // MARK: Stack

    mutating func push(_ value: PickleValue) { stack.append(value) }

    mutating func pop() throws(CheckpointError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.popLast() else { throw malformed("an empty stack") }
        return value
    }

    func top() throws(CheckpointError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.last else { throw malformed("an empty stack") }
        return value
    }

    mutating func mark() { marks.append(stack.count) }

    /// Removes the last mark and returns the values pushed since.
    mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw malformed("no mark") }
        let values = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return values
    }

    // MARK: Memo

    mutating func memoize(_ index: Int? = nil) throws(CheckpointError) {
        memo[index ?? memo.count] = try top()
    }

    mutating func recall(_ index: Int) throws(CheckpointError) {
        guard let value = memo[index] else { throw malformed("nothing remembered as \(index)") }
        push(value)
    }
}
