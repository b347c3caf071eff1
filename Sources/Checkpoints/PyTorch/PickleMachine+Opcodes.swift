extension PickleMachine {
    mutating func execute(_ opcode: UInt8) throws(CheckpointError) {
        switch opcode {
        // Frames and protocol
        case 0x80:
            let version = try integer(UInt8.self)
            guard (2...5).contains(version) else { throw malformed("protocol \(version)") }
        case 0x95: _ = try integer(UInt64.self)
        // Stack and memo
        case UInt8(ascii: "("): mark()
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "1"): _ = try popToMark()
        case UInt8(ascii: "2"): push(try top())
        case UInt8(ascii: "q"): try memoize(Int(try integer(UInt8.self)))
        case UInt8(ascii: "r"): try memoize(Int(try integer(UInt32.self)))
        case 0x94: try memoize()
        case UInt8(ascii: "h"): try recall(Int(try integer(UInt8.self)))
        case UInt8(ascii: "j"): try recall(Int(try integer(UInt32.self)))
        // Containers
        case UInt8(ascii: ")"): try pushTuple([])
        case UInt8(ascii: "t"): try pushTuple(popToMark())
        case 0x85...0x87: try pushTuple(count: Int(opcode) - 0x84)
        case UInt8(ascii: "]"): pushList([])
        case UInt8(ascii: "l"): pushList(try popToMark())
        case UInt8(ascii: "}"): pushDictionary()
        case UInt8(ascii: "d"):
            let items = try popToMark()
            pushDictionary()
            try setItems(items)
        case UInt8(ascii: "a"): try append([pop()])
        case UInt8(ascii: "e"): try append(popToMark())
        case UInt8(ascii: "s"):
            let value = try pop()
            try setItems([pop(), value])
        case UInt8(ascii: "u"): try setItems(popToMark())
        case 0x8f: push(.opaque("set"))
        case 0x90: try append(popToMark())
        case 0x91:
            _ = try popToMark()
            push(.opaque("frozenset"))
        // Objects
        case UInt8(ascii: "c"):
            let module = try line()
            push(.global(module + "." + (try line())))
        case 0x93:
            guard case .text(let name) = try pop(), case .text(let module) = try pop(), name.utf8.count < 256,
                module.utf8.count < 256
            else { throw malformed("a global without name") }
            try spend((name.utf8.count + module.utf8.count) / 16)
            push(.global(module + "." + name))
        case UInt8(ascii: "R"):
            let arguments = try pop()
            push(try call(pop(), arguments))
        case 0x81:
            let arguments = try pop()
            push(try make(pop(), arguments))
        case 0x92:
            _ = try pop()
            let arguments = try pop()
            push(try make(pop(), arguments))
        // An object's state: the attributes of an opaque object, or the `_metadata` of a state dict.
        case UInt8(ascii: "b"):
            _ = try pop()
            _ = try top()
        case UInt8(ascii: "Q"): push(try storage(pop()))
        default: try pushScalar(opcode)
        }
    }

    private mutating func pushScalar(_ opcode: UInt8) throws(CheckpointError) {
        switch opcode {
        case UInt8(ascii: "N"): push(.none)
        case 0x88: push(.flag(true))
        case 0x89: push(.flag(false))
        case UInt8(ascii: "K"): push(.integer(Int(try integer(UInt8.self))))
        case UInt8(ascii: "M"): push(.integer(Int(try integer(UInt16.self))))
        case UInt8(ascii: "J"): push(.integer(Int(try integer(Int32.self))))
        case 0x8a: pushLong(try take(integer(UInt8.self)))
        case 0x8b: pushLong(try take(integer(Int32.self)))
        case UInt8(ascii: "G"): push(.number(Double(bitPattern: try integer(UInt64.self).byteSwapped)))
        case UInt8(ascii: "X"): try pushText(take(integer(UInt32.self)))
        case 0x8c, UInt8(ascii: "U"): try pushText(take(integer(UInt8.self)))
        case 0x8d: try pushText(take(integer(UInt64.self)))
        case UInt8(ascii: "T"): try pushText(take(integer(Int32.self)))
        case UInt8(ascii: "B"): push(.bytes(try take(integer(UInt32.self))))
        case UInt8(ascii: "C"): push(.bytes(try take(integer(UInt8.self))))
        case 0x8e, 0x96: push(.bytes(try take(integer(UInt64.self))))
        default:
            throw error(.unsupported, "pickle opcode 0x\(String(opcode, radix: 16)), which PyTorch does not write")
        }
    }

    /// A little-endian two's complement integer of any length.
    private mutating func pushLong(_ range: Range<Int>) {
        guard range.count <= 8 else { return push(.bytes(range)) }
        var bits: UInt64 = cursor.part[range].last ?? 0 >= 0x80 ? .max : 0
        for byte in cursor.part[range].reversed() { bits = bits << 8 | UInt64(byte) }
        push(.integer(Int(Int64(bitPattern: bits))))
    }

    /// Pushes a text; as bytes if it is long or, like Python 2's byte strings, not UTF-8.
    private mutating func pushText(_ range: Range<Int>) throws(CheckpointError) {
        if range.count <= Self.maximumText, let text = cursor.part.text(range) {
            push(.text(text))
        } else {
            push(.bytes(range))
        }
    }

    private mutating func pushTuple(_ values: [PickleValue]) throws(CheckpointError) {
        push(.tuple(heap.tuples.count))
        heap.tuples.append(values)
    }

    private mutating func pushTuple(count: Int) throws(CheckpointError) {
        var values: [PickleValue] = []
        for _ in 0..<count { values.append(try pop()) }
        try pushTuple(values.reversed())
    }

    private mutating func pushList(_ values: [PickleValue]) {
        push(.list(heap.lists.count))
        heap.lists.append(values)
    }

    mutating func pushDictionary() {
        push(.dictionary(heap.dictionaries.count))
        heap.dictionaries.append([])
    }

    private mutating func append(_ values: [PickleValue]) throws(CheckpointError) {
        switch try top() {
        case .list(let index): heap.lists[index].append(contentsOf: values)
        case .opaque: break
        default: throw malformed("an append to something that is not a list")
        }
    }

    private mutating func setItems(_ items: [PickleValue]) throws(CheckpointError) {
        guard items.count.isMultiple(of: 2) else { throw malformed("a key without value") }
        switch try top() {
        case .dictionary(let index):
            for at in stride(from: 0, to: items.count, by: 2) {
                heap.dictionaries[index].append((items[at], items[at + 1]))
            }
        case .opaque: break
        default: throw malformed("an item set in something that is not a dictionary")
        }
    }
}
