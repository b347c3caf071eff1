import Foundation

/// Bytes of a pickle: a number below 256, or ASCII.
package protocol Opcodes { var bytes: [UInt8] { get } }
extension Int: Opcodes { package var bytes: [UInt8] { [UInt8(truncatingIfNeeded: self)] } }
extension String: Opcodes { package var bytes: [UInt8] { Array(utf8) } }

/// A pickle written opcode by opcode.
package struct Forgery {
    package private(set) var bytes: [UInt8] = [0x80, 2]

    package mutating func add(_ opcodes: any Opcodes...) { for opcode in opcodes { bytes += opcode.bytes } }
    package mutating func text(_ text: String) {
        bytes += [UInt8(ascii: "X")] + withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { Array($0) }
        bytes += Array(text.utf8)
    }
    package mutating func global(_ module: String, _ name: String) { add("c\(module)\n\(name)\n") }
    package mutating func integer(_ value: Int) {
        bytes += [0x8a, 8] + withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) }
    }
    package mutating func integers(_ values: [Int]) {
        add("(")
        for value in values { integer(value) }
        add("t")
    }

    /// `_rebuild_tensor_v2` of a view of storage `key`.
    package mutating func tensor(
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
    package static func pickle(_ build: (inout Forgery) -> Void) -> [UInt8] {
        var forgery = Forgery()
        build(&forgery)
        forgery.add(".")
        return forgery.bytes
    }

    /// {"w": one tensor}
    package static func oneTensor(_ build: (inout Forgery) -> Void) -> [UInt8] {
        pickle {
            $0.add("}")
            $0.text("w")
            build(&$0)
            $0.add("s")
        }
    }
}

/// A zip archive of stored entries, with whatever is wrong in it.
package struct ForgedZip {
    package struct Entry {
        package var name: String
        package var data: [UInt8]
        package var method: UInt16 = 0
        package var flags: UInt16 = 0
        /// What the directory says where that is not the truth.
        package var size: UInt32?
        package var header: UInt32?
        /// Written as zip64: these values stand in the extra field, all ones in the directory.
        package var wide: (size: UInt64, header: UInt64)?

        package init(name: String, data: [UInt8]) {
            self.name = name
            self.data = data
        }
    }

    package var entries: [Entry]
    package var count: UInt16?
    package var directoryOffset: UInt32?
    /// The zip64 end record, where it stands before the other: entries, size and offset of the directory.
    package var wideEnd: (count: UInt64, size: UInt64?, offset: UInt64?)?

    /// As PyTorch lays it out: the pickle and storages.
    package init(pickle: [UInt8], storages: [[UInt8]] = [[UInt8](repeating: 1, count: 64)]) {
        entries = [Entry(name: "archive/data.pkl", data: pickle)]
        entries += storages.enumerated().map { Entry(name: "archive/data/\($0.offset)", data: $0.element) }
    }

    package var bytes: [UInt8] {
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
            let narrow = entry.wide == nil ? entry.size ?? size : .max
            for value: UInt32 in [0, narrow, narrow] { put(value, &directory) }
            let extra = UInt16(entry.wide == nil ? 0 : 28)
            for value in [UInt16(entry.name.utf8.count), extra, 0, 0, 0] { put(value, &directory) }
            put(UInt32(0), &directory)
            put(entry.wide == nil ? entry.header ?? header : .max, &directory)
            directory += Array(entry.name.utf8)
            if let wide = entry.wide {
                for value: UInt16 in [1, 24] { put(value, &directory) }
                for value in [wide.size, wide.size, wide.header] { put(value, &directory) }
            }
        }
        let offset = UInt32(bytes.count)
        bytes += directory
        if let wideEnd {
            let record = UInt64(bytes.count)
            bytes += [0x50, 0x4b, 6, 6]
            put(UInt64(44), &bytes)
            for value: UInt16 in [45, 45] { put(value, &bytes) }
            for value: UInt32 in [0, 0] { put(value, &bytes) }
            let size = wideEnd.size ?? UInt64(directory.count)
            for value in [wideEnd.count, wideEnd.count, size, wideEnd.offset ?? UInt64(offset)] { put(value, &bytes) }
            bytes += [0x50, 0x4b, 6, 7, 0, 0, 0, 0]
            put(record, &bytes)
            put(UInt32(1), &bytes)
        }
        bytes += [0x50, 0x4b, 5, 6]
        let count = count ?? UInt16(entries.count)
        for value: UInt16 in [0, 0, count, count] { put(value, &bytes) }
        put(UInt32(directory.count), &bytes)
        put(directoryOffset ?? offset, &bytes)
        put(UInt16(0), &bytes)
        return bytes
    }
}
