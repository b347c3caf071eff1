/// Makes archives of PyTorch out of any bytes, which choose among what the formats allow and what they nearly allow: so a
/// fuzzer that changes a byte changes a value, a tensor or a field, and rarely breaks the whole file.
package struct ArchiveRecipe {
    private var choices: ArraySlice<UInt8>
    private var remembered = 0

    package init(_ choices: some Sequence<UInt8>) { self.choices = Array(choices)[...] }

    /// A pickle in an archive of good form.
    package mutating func pickle() -> [UInt8] {
        let storages = [[UInt8](repeating: 1, count: 64), [UInt8](repeating: 2, count: 4096)]
        return ForgedZip(pickle: stateDictionary(), storages: storages).bytes
    }

    /// A pickle of good form in an archive whose fields may lie.
    package mutating func zip() -> [UInt8] {
        let pickle = Forgery.oneTensor { $0.tensor(count: 16, shape: [4], strides: [1]) }
        var zip = ForgedZip(pickle: pickle)
        for _ in 0..<choose(3) { zip.entries.append(.init(name: name(), data: bytes(choose(40)))) }
        for _ in 0..<1 + choose(4) { spoil(&zip) }
        var archive = zip.bytes
        // A comment, or a part that is missing.
        if choose(4) == 0 { archive += bytes(choose(64)) }
        if choose(8) == 0 { archive.removeLast(min(archive.count, choose(64))) }
        return archive
    }

    private mutating func spoil(_ zip: inout ForgedZip) {
        let at = choose(zip.entries.count)
        switch choose(9) {
        case 0: zip.entries[at].method = UInt16(choose(16))
        case 1: zip.entries[at].flags = UInt16(choose(1 << 12))
        case 2: zip.entries[at].size = UInt32(truncatingIfNeeded: number())
        case 3: zip.entries[at].header = UInt32(truncatingIfNeeded: number())
        case 4: zip.entries[at].name = name()
        case 5: zip.count = UInt16(truncatingIfNeeded: number())
        case 6: zip.directoryOffset = UInt32(truncatingIfNeeded: number())
        case 7: zip.entries[at].wide = (UInt64(bitPattern: Int64(number())), UInt64(bitPattern: Int64(number())))
        default:
            zip.count = .max
            let (size, offset) = (choose(2) == 0 ? number() : nil, choose(2) == 0 ? number() : nil)
            let count = choose(2) == 0 ? zip.entries.count : number()
            zip.wideEnd = (
                UInt64(bitPattern: Int64(count)), size.map { UInt64(bitPattern: Int64($0)) },
                offset.map { UInt64(bitPattern: Int64($0)) }
            )
        }
    }

    private mutating func stateDictionary() -> [UInt8] {
        var forgery = Forgery()
        let isWrapped = choose(4) == 0
        if isWrapped {
            forgery.add("}")
            forgery.text(["model", "state_dict", "other"][choose(3)])
        }
        forgery.add("}")
        for index in 0..<1 + choose(6) {
            forgery.text("w\(index)")
            if choose(3) > 0 { tensor(&forgery) } else { value(&forgery, depth: 0) }
            forgery.add("s")
        }
        if isWrapped { forgery.add("s") }
        forgery.add(".")
        return forgery.bytes
    }

    /// Mostly a view that fits its storage.
    private mutating func tensor(_ forgery: inout Forgery) {
        let rank = choose(4)
        let shape = (0..<rank).map { _ in choose(3) > 0 ? choose(5) : number() }
        let strides = (0..<rank).map { _ in choose(3) > 0 ? choose(5) : number() }
        let isLarge = choose(2) == 1
        forgery.tensor(
            storage: choose(8) > 0 ? (isLarge ? "1" : "0") : name(),
            type: ["FloatStorage", "HalfStorage", "BFloat16Storage", "LongStorage", "EvilStorage"][choose(5)],
            count: choose(4) > 0 ? (isLarge ? 1024 : 16) : number(),
            offset: choose(4) > 0 ? choose(4) : number(),
            shape: shape,
            strides: strides
        )
        remember(&forgery)
    }

    /// Pushes one value.
    private mutating func value(_ forgery: inout Forgery, depth: Int) {
        switch choose(depth < 5 ? 14 : 6) {
        case 0: forgery.add("N")
        case 1: forgery.integer(number())
        case 2: forgery.text(name())
        case 3: forgery.add(0x88)
        case 4: forgery.add("h", choose(max(1, remembered)))
        case 5: forgery.add("G", 0x40, 9, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18)
        case 6: tensor(&forgery)
        case 7: container(&forgery, depth: depth, open: "(", close: "t")
        case 8: container(&forgery, depth: depth, open: "](", close: "e")
        case 9: container(&forgery, depth: depth, open: "}(", close: "u")
        case 10: container(&forgery, depth: depth, open: "(", close: "l")
        case 11:
            call(&forgery)
            container(&forgery, depth: depth, open: "(", close: "t")
            forgery.add("R")
        case 12:
            call(&forgery)
            forgery.add(")", 0x81)
            value(&forgery, depth: depth + 1)
            forgery.add("b")
        default: forgery.add(choose(256))
        }
        if choose(4) == 0 { remember(&forgery) }
    }

    private mutating func container(_ forgery: inout Forgery, depth: Int, open: String, close: String) {
        forgery.add(open)
        for _ in 0..<choose(5) { value(&forgery, depth: depth + 1) }
        forgery.add(close)
    }

    private mutating func call(_ forgery: inout Forgery) {
        let (module, function) = [
            ("collections", "OrderedDict"), ("torch._utils", "_rebuild_tensor_v2"),
            ("torch._utils", "_rebuild_tensor_v3"),
            ("torch._utils", "_rebuild_parameter"), ("torch._tensor", "_rebuild_from_type_v2"), ("torch", "Size"),
            ("os", "system"),
        ][choose(7)]
        forgery.global(module, function)
    }

    private mutating func remember(_ forgery: inout Forgery) {
        guard remembered < 255 else { return }
        forgery.add("q", remembered)
        remembered += 1
    }

    /// A number at which programs err.
    private mutating func number() -> Int {
        let edges = [
            0, 1, -1, 2, 15, 16, 17, 255, 256, 65535, 65536, 1 << 20, 1 << 31, (1 << 31) - 1, 1 << 32, 1 << 40, 1 << 62,
            .max, .min, -(1 << 31),
        ]
        return edges[choose(edges.count)] &+ choose(3) &- 1
    }

    private mutating func name() -> String {
        [
            "0", "1", "x", "", "archive/data.pkl", "archive/data/0", "../0", "archive/constants.pkl",
            "archive/byteorder",
        ][
            choose(9)
        ]
    }

    private mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in choices.popFirst() ?? 0 } }

    /// A number below `limit` out of the next bytes; 0 once they are used up.
    private mutating func choose(_ limit: Int) -> Int {
        guard limit > 1, let first = choices.popFirst() else { return 0 }
        guard limit > 256 else { return Int(first) % limit }
        return (Int(first) << 8 | Int(choices.popFirst() ?? 0)) % limit
    }
}
