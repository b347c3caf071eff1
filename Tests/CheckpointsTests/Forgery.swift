import Foundation

/// Bytes of a pickle: a number below 256, or ASCII.
protocol Opcodes { var bytes: [UInt8] { get } }
extension Int: Opcodes { var bytes: [UInt8] { [UInt8(truncatingIfNeeded: self)] } }
extension String: Opcodes { var bytes: [UInt8] { Array(utf8) } }

/// A pickle written opcode by opcode.
struct Forgery {
    private(set) var bytes: [UInt8] = [0x80, 2]

    mutating func add(_ opcodes: any Opcodes...) { for opcode in opcodes { bytes += opcode.bytes } }
    mutating func text(_ text: String) {
        bytes += [UInt8(ascii: "X")] + withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { Array($0) }
        bytes += Array(text.utf8)
    }
    mutating func global(_ module: String, _ name: String) { add("c\(module)\n\(name)\n") }
    mutating func integer(_ value: Int) {
        bytes += [0x8a, 8] + withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) }
    }
    mutating func integers(_ values: [Int]) {
        add("(")
        for value in values { integer(value) }
        add("t")
    }

    /// `_rebuild_tensor_v2` of a view of storage `key`.
    mutating func tensor(
        storage key: String = "0",
        type: String = "FloatStorage",
        count: Int,
        offset: Int = 0,
        shape: [Int],
        strides: [Int]
    ) {
        global("torch._utils", "_rebuild_tensor_v2")
        add("((")
        text("storage")
        global("torch", type)
        text(key)
        text("cpu")
        integer(count)
        add("tQ")
        integer(offset)
        integers(shape)
        integers(strides)
        add(0x89)
        add("NtR")
    }

    /// The pickle `build` writes, up to its STOP.
    static func pickle(_ build: (inout Forgery) -> Void) -> [UInt8] {
        var forgery = Forgery()
        build(&forgery)
        forgery.add(".")
        return forgery.bytes
    }

    /// {"w": one tensor}
    static func oneTensor(_ build: (inout Forgery) -> Void) -> [UInt8] {
        pickle {
            $0.add("}")
            $0.text("w")
            build(&$0)
            $0.add("s")
        }
    }
}

/// A zip archive of stored entries, with whatever is wrong in it.
struct ForgedZip {
    struct Entry {
        var name: String
        var data: [UInt8]
        var method: UInt16 = 0
        var flags: UInt16 = 0
        /// What the directory says where that is not the truth.
        var size: UInt32?
        var header: UInt32?
    }

    var entries: [Entry]
    var count: UInt16?
    var directoryOffset: UInt32?

    /// As PyTorch lays it out: the pickle and storages.
    init(pickle: [UInt8], storages: [[UInt8]] = [[UInt8](repeating: 1, count: 64)]) {
        entries = [Entry(name: "archive/data.pkl", data: pickle)]
        entries += storages.enumerated().map { Entry(name: "archive/data/\($0.offset)", data: $0.element) }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        func put<T: FixedWidthInteger>(_ value: T, _ bytes: inout [UInt8]) {
            withUnsafeBytes(of: value.littleEndian) { bytes += Array($0) }
        }
        for entry in entries {
            let (header, size) = (UInt32(bytes.count), UInt32(entry.data.count))
            bytes += [0x50, 0x4b, 3, 4]
            for value: UInt16 in [0, entry.flags, entry.method, 0, 0] { put(value, &bytes) }
            for value: UInt32 in [0, size, size] { put(value, &bytes) }
            put(UInt16(entry.name.utf8.count), &bytes)
            put(UInt16(0), &bytes)
            bytes += Array(entry.name.utf8) + entry.data
            directory += [0x50, 0x4b, 1, 2]
            for value: UInt16 in [0, 0, entry.flags, entry.method, 0, 0] { put(value, &directory) }
            for value: UInt32 in [0, entry.size ?? size, entry.size ?? size] { put(value, &directory) }
            for value in [UInt16(entry.name.utf8.count), 0, 0, 0, 0] { put(value, &directory) }
            put(UInt32(0), &directory)
            put(entry.header ?? header, &directory)
            directory += Array(entry.name.utf8)
        }
        let offset = UInt32(bytes.count)
        bytes += directory + [0x50, 0x4b, 5, 6]
        let count = count ?? UInt16(entries.count)
        for value: UInt16 in [0, 0, count, count] { put(value, &bytes) }
        put(UInt32(directory.count), &bytes)
        put(directoryOffset ?? offset, &bytes)
        put(UInt16(0), &bytes)
        return bytes
    }
}
