import Foundation

/// The JSON header of a `.safetensors` file: name → dtype, shape, data_offsets.
///
/// Read in one pass, without a tree of values: a general parser would take thirteen times the header's size in memory, and
/// half a second for each megabyte.
struct SafetensorsHeader {
    struct Entry {
        let name: String
        let dtype: String
        let shape: [Int]
        /// In the data that follows the header.
        let offsets: Range<Int>
    }

    /// What is wrong with the header, to go on a sentence about it.
    struct Fault: Error {
        let message: String

        init(_ message: String) { self.message = message }
    }

    /// Far more than the tensors of any checkpoint.
    static let maximumEntries = 100_000
    private static let maximumAxes = 64

    private(set) var entries: [Entry] = []

    init(parsing bytes: [UInt8]) throws(Fault) {
        var scanner = HeaderScanner(bytes)
        var names: Set<String> = []
        try scanner.object { scanner, name throws(Fault) in
            // A map of strings among the tensors.
            guard name != "__metadata__" else { return try scanner.skip() }
            guard names.insert(name).inserted else { throw Fault("names tensor \(name.debugDescription) twice") }
            guard names.count <= Self.maximumEntries else {
                throw Fault("names more than \(Self.maximumEntries) tensors")
            }
            entries.append(try Self.entry(name, &scanner))
        }
        try scanner.end()
    }

    private static func entry(_ name: String, _ scanner: inout HeaderScanner) throws(Fault) -> Entry {
        var (dtype, shape, offsets): (String?, [Int]?, [Int]?)
        try scanner.object { scanner, key throws(Fault) in
            switch key {
            case "dtype": dtype = try scanner.string()
            case "shape": shape = try scanner.numbers(limit: maximumAxes)
            case "data_offsets": offsets = try scanner.numbers(limit: 2)
            default: try scanner.skip()
            }
        }
        guard let dtype, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
            throw Fault("gives tensor \(name.debugDescription) no dtype, shape or data_offsets")
        }
        return Entry(name: name, dtype: dtype, shape: shape, offsets: offsets[0]..<offsets[1])
    }
}

/// The parts of JSON that a header needs, taken one after the other.
private struct HeaderScanner {
    private let bytes: [UInt8]
    private var position = 0
    private static let maximumDepth = 64

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private static let malformed = SafetensorsHeader.Fault("is not the JSON of a safetensors file")

    /// The next byte that is no white space, left where it is.
    private mutating func next() throws(SafetensorsHeader.Fault) -> UInt8 {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return bytes[position]
            }
        }
        throw Self.malformed
    }

    private mutating func take(_ character: Unicode.Scalar) throws(SafetensorsHeader.Fault) -> Bool {
        guard try next() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(SafetensorsHeader.Fault) {
        guard try take(character) else { throw Self.malformed }
    }

    /// Calls `body` with each key, in front of its value, which it takes.
    mutating func object(
        _ body: (inout HeaderScanner, String) throws(SafetensorsHeader.Fault) -> Void
    ) throws(SafetensorsHeader.Fault) {
        try expect("{")
        if try take("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try body(&self, key)
        } while try take(",")
        try expect("}")
    }

    mutating func string() throws(SafetensorsHeader.Fault) -> String {
        let start = try next() == UInt8(ascii: "\"") ? position : bytes.count
        let hasEscapes = try skipString()
        let range = start..<position
        guard hasEscapes else {
            let text = String(validating: bytes[range.dropFirst().dropLast()], as: UTF8.self)
            guard let text else { throw Self.malformed }
            return text
        }
        let text = try? JSONSerialization.jsonObject(with: Data(bytes[range]), options: .fragmentsAllowed) as? String
        guard let text else { throw Self.malformed }
        return text
    }

    /// - Returns: whether there is an escape in it.
    private mutating func skipString() throws(SafetensorsHeader.Fault) -> Bool {
        try expect("\"")
        var hasEscapes = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                hasEscapes = true
                position += 2
            case ..<0x20: throw Self.malformed
            default: position += 1
            }
        }
        throw Self.malformed
    }

    /// A list of whole numbers from 0 on.
    mutating func numbers(limit: Int) throws(SafetensorsHeader.Fault) -> [Int] {
        try expect("[")
        if try take("]") { return [] }
        var numbers: [Int] = []
        repeat {
            guard numbers.count < limit else { throw Self.malformed }
            numbers.append(try number())
        } while try take(",")
        try expect("]")
        return numbers
    }

    private mutating func number() throws(SafetensorsHeader.Fault) -> Int {
        var value = 0
        let start = try next() == UInt8(ascii: "-") ? bytes.count : position
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit <= 9 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(digit))
            guard !overflow, !carry else { throw Self.malformed }
            value = sum
            position += 1
        }
        guard position > start else { throw Self.malformed }
        return value
    }

    /// Passes over any value.
    mutating func skip(depth: Int = 0) throws(SafetensorsHeader.Fault) {
        guard depth < Self.maximumDepth else { throw Self.malformed }
        switch try next() {
        case UInt8(ascii: "{"):
            try object { scanner, _ throws(SafetensorsHeader.Fault) in try scanner.skip(depth: depth + 1) }
        case UInt8(ascii: "["):
            position += 1
            if try take("]") { return }
            repeat { try skip(depth: depth + 1) } while try take(",")
            try expect("]")
        case UInt8(ascii: "\""): _ = try skipString()
        default:
            let start = position
            while position < bytes.count, bytes[position].isOfLiteral { position += 1 }
            guard position > start else { throw Self.malformed }
        }
    }

    /// Nothing but white space follows.
    mutating func end() throws(SafetensorsHeader.Fault) {
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
        guard position == bytes.count else { throw Self.malformed }
    }
}

extension UInt8 {
    /// Of a number, `true`, `false` or `null`.
    fileprivate var isOfLiteral: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
