import System

/// Writes the values of a message, one after the other: integers and bit patterns in 8 bytes, little-endian; texts and lists
/// with their count before them. Both sides are the same program on the same machine, so no version is needed.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(256) }

    mutating func put(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }

    mutating func put(_ value: Int) { put(UInt64(bitPattern: Int64(value))) }

    mutating func put(_ value: Double) { put(value.bitPattern) }

    mutating func put(_ value: Float) { put(Double(value)) }

    mutating func put(_ value: Bool) { put(value ? 1 as UInt64 : 0) }

    mutating func put(_ value: Duration) { put(value.nanoseconds) }

    mutating func put(_ text: String) {
        put(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func put<Value>(optional value: Value?, _ put: (inout WireWriter, Value) -> Void) {
        self.put(value != nil)
        if let value { put(&self, value) }
    }

    mutating func put<Value>(list: [Value], _ put: (inout WireWriter, Value) -> Void) {
        self.put(list.count)
        for value in list { put(&self, value) }
    }
}

/// Reads what `WireWriter` wrote. The other side may be hostile, so a value that does not fit is an error and never a trap.
struct WireReader {
    struct Malformed: Error {}

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func unsigned() throws(Malformed) -> UInt64 {
        guard rest.count >= 8 else { throw Malformed() }
        defer { rest = rest.dropFirst(8) }
        return rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func integer() throws(Malformed) -> Int { Int(Int64(bitPattern: try unsigned())) }

    /// A count or a place, of at most `limit`.
    mutating func count(upTo limit: Int) throws(Malformed) -> Int {
        let value = try integer()
        guard (0...limit).contains(value) else { throw Malformed() }
        return value
    }

    /// A finite number.
    mutating func number() throws(Malformed) -> Double {
        let value = Double(bitPattern: try unsigned())
        guard value.isFinite else { throw Malformed() }
        return value
    }

    /// A number within bounds, so that an integer or a duration can be made of it.
    mutating func number(in range: ClosedRange<Double>) throws(Malformed) -> Double {
        let value = try number()
        guard range.contains(value) else { throw Malformed() }
        return value
    }

    mutating func boolean() throws(Malformed) -> Bool { try count(upTo: 1) == 1 }

    mutating func duration() throws(Malformed) -> Duration {
        let value = try integer()
        guard (0...(1 << 62)).contains(value) else { throw Malformed() }
        return .nanoseconds(value)
    }

    mutating func text(upTo limit: Int = 1 << 16) throws(Malformed) -> String {
        let count = try count(upTo: limit)
        guard rest.count >= count else { throw Malformed() }
        defer { rest = rest.dropFirst(count) }
        return String(decoding: rest.prefix(count), as: UTF8.self)
    }

    mutating func choice<Value: RawRepresentable<String>>(_ type: Value.Type) throws(Malformed) -> Value {
        guard let value = Value(rawValue: try text(upTo: 64)) else { throw Malformed() }
        return value
    }

    mutating func optional<Value>(
        _ read: (inout WireReader) throws(Malformed) -> Value
    ) throws(Malformed) -> Value? {
        try boolean() ? try read(&self) : nil
    }

    mutating func list<Value>(
        upTo limit: Int,
        _ read: (inout WireReader) throws(Malformed) -> Value
    ) throws(Malformed) -> [Value] {
        var values: [Value] = []
        for _ in 0..<(try count(upTo: limit)) { values.append(try read(&self)) }
        return values
    }

    /// The message ends here.
    func finish() throws(Malformed) { if !rest.isEmpty { throw Malformed() } }
}
