/// A file of `torch.save`: a pickle that describes objects, and the bytes of the tensors' storages.
///
/// Since PyTorch 1.6 it is a zip archive (`NAME/data.pkl`, `NAME/data/KEY`); before, several pickles followed by the
/// storages. Source: torch/serialization.py. Nothing that the pickle names is executed.
struct PyTorchArchive {
    let file: CheckpointFile
    let root: PickleValue
    let heap: PickleHeap
    /// The bytes of each storage, by its number.
    let storages: [Range<Int>]

    /// Whether `file` begins as a zip archive, or as a pickle and not as a safetensors file whose header is 0x…80 long.
    static func isOne(_ file: CheckpointFile) throws(CheckpointError) -> Bool {
        if try isZip(file) { return true }
        var start = ByteCursor(try file.part(0..<8))
        guard let word = start.integer(UInt64.self), word & 0xff == 0x80 else { return false }
        return word > SafetensorsFile.formatsHeaderBytes
    }

    private static func isZip(_ file: CheckpointFile) throws(CheckpointError) -> Bool {
        let start = try file.part(0..<4)
        return start[start.range].elementsEqual(ZipDirectory.signature)
    }

    private static let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]

    init(file: CheckpointFile) throws(CheckpointError) {
        self.file = file
        (root, heap, storages) = try Self.isZip(file) ? Self.zip(file) : Self.legacy(file)
    }

    private typealias Contents = (root: PickleValue, heap: PickleHeap, storages: [Range<Int>])

    private static func zip(_ file: CheckpointFile) throws(CheckpointError) -> Contents {
        let entries = try ZipDirectory(file: file).entries
        let pickles = entries.keys.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
        guard pickles.count == 1, let name = pickles.first, let pickle = entries[name] else {
            throw CheckpointError(.malformed, at: file.path, "a zip archive, but not PyTorch's: it holds no data.pkl")
        }
        let prefix = String(name.dropLast("data.pkl".count))
        if entries[prefix + "constants.pkl"] != nil {
            throw CheckpointError(
                .unsupported,
                at: file.path,
                "a TorchScript program; save its weights with torch.save(model.state_dict(), PATH)"
            )
        }
        if let order = entries[prefix + "byteorder"], order.count == 3, try file.part(order).text(order) == "big" {
            throw CheckpointError(.unsupported, at: file.path, "written on a big-endian machine")
        }
        var machine = try PickleMachine(file: file, range: pickle)
        let root = try machine.run()
        var storages: [Range<Int>] = []
        for storage in machine.heap.storages {
            let name = prefix + "data/" + storage.key
            guard let bytes = entries[name], let wanted = storage.byteCount, wanted <= bytes.count else {
                throw CheckpointError(
                    .malformed,
                    at: file.path,
                    "entry \(name.debugDescription) of the archive is missing or too short; copy or download it again"
                )
            }
            storages.append(bytes)
        }
        return (root, machine.heap, storages)
    }

    /// Magic number, protocol, machine, object, keys of the storages; then each storage after its count.
    private static func legacy(_ file: CheckpointFile) throws(CheckpointError) -> Contents {
        var machine = try PickleMachine(file: file, range: 0..<file.byteCount)
        guard case .bytes(let range) = try machine.run(), machine.cursor.part[range].elementsEqual(magic) else {
            throw CheckpointError(.malformed, at: file.path, "a pickle, but not of PyTorch's")
        }
        guard case .integer(1001) = try machine.run(), case .dictionary(let system) = try machine.run() else {
            throw CheckpointError(.unsupported, at: file.path, "a PyTorch archive of an unknown version")
        }
        for case (.text("little_endian"), .flag(false)) in machine.heap.dictionaries[system] {
            throw CheckpointError(.unsupported, at: file.path, "written on a big-endian machine")
        }
        let root = try machine.run()
        guard case .list(let index) = try machine.run() else {
            throw CheckpointError(.malformed, at: file.path, "the archive names no storages")
        }
        let broken = CheckpointError(.truncated, at: file.path, "ends inside its tensors; copy or download it again")
        var offset = machine.cursor.offset
        var storages = [Range<Int>?](repeating: nil, count: machine.heap.storages.count)
        for case .text(let key) in machine.heap.lists[index] {
            guard let number = machine.heap.storageNumbers[key], storages[number] == nil else {
                throw CheckpointError(.malformed, at: file.path, "storage \(key.debugDescription) belongs to no tensor")
            }
            let storage = machine.heap.storages[number]
            var head = ByteCursor(try file.part(min(offset, file.byteCount)..<min(offset + 8, file.byteCount)))
            guard let count = head.integer(Int64.self), let wanted = storage.byteCount else { throw broken }
            guard count == storage.count else {
                throw CheckpointError(
                    .malformed,
                    at: file.path,
                    "storage \(key.debugDescription) has \(count) elements, its tensors say \(storage.count)"
                )
            }
            guard wanted <= file.byteCount - head.offset else { throw broken }
            offset = head.offset + wanted
            storages[number] = head.offset..<offset
        }
        let found = storages.compactMap { $0 }
        guard found.count == storages.count else { throw broken }
        return (root, machine.heap, found)
    }
}

extension StorageReference {
    /// Nil if no file is that large.
    var byteCount: Int? {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: type.bytes)
        return overflow ? nil : bytes
    }
}
