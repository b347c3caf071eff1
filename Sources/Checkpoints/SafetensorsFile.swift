/// A `.safetensors` file: eight bytes of header length, a JSON header (name → dtype, shape, data_offsets), the data.
///
/// Source: the format's description in huggingface/safetensors. Every offset is checked against the file before use.
package struct SafetensorsFile: Sendable {
    package let checkpoint: Checkpoint
    package var tensors: [String: Tensor] { checkpoint.tensors }

    /// The format's own limit for a header; beyond it the first bytes are something else.
    static let formatsHeaderBytes = 100_000_000
    /// The largest header that is read. A checkpoint's is below 1 MiB.
    static let maximumHeaderBytes = 32 << 20

    package init(path: String) throws(CheckpointError) {
        try self.init(file: CheckpointFile(path: path))
    }

    init(file: CheckpointFile) throws(CheckpointError) {
        let path = file.path
        var start = ByteCursor(try file.part(0..<8))
        guard let headerBytes = start.integer(UInt64.self) else {
            throw CheckpointError(
                .truncated,
                at: path,
                "only \(file.byteCount) bytes; not a safetensors file, or its copy broke off"
            )
        }
        guard headerBytes <= Self.maximumHeaderBytes else {
            throw CheckpointError(
                .malformed,
                at: path,
                "not a model's safetensors file (its header would be \(headerBytes) bytes)"
            )
        }
        let dataStart = 8 + Int(headerBytes)
        guard dataStart <= file.byteCount else {
            throw CheckpointError(.truncated, at: path, "the file ends inside its header; copy or download it again")
        }
        let text = try file.part(8..<dataStart)
        let header: SafetensorsHeader
        do throws(SafetensorsHeader.Fault) {
            header = try SafetensorsHeader(parsing: Array(text[text.range]))
        } catch {
            throw CheckpointError(.malformed, at: path, "the header \(error.message)")
        }
        var tensors: [String: Tensor] = [:]
        var others: [String: String] = [:]
        for entry in header.entries {
            // Integer tensors (position ids of older files) are not weights, and are skipped.
            if let tensor = try Self.tensor(entry, file: file, dataStart: dataStart) {
                tensors[entry.name] = tensor
            } else {
                others[entry.name] = entry.dtype
            }
        }
        try Self.checkLayout(header.entries, bytes: file.byteCount - dataStart, of: file)
        checkpoint = Checkpoint(path: path, tensors: tensors, others: others)
    }

    /// The tensors must fill the data from its first byte to its last, without gaps and without sharing any, as the format
    /// demands.
    private static func checkLayout(
        _ entries: [SafetensorsHeader.Entry],
        bytes: Int,
        of file: CheckpointFile
    ) throws(CheckpointError) {
        var end = 0
        let ordered = entries.sorted {
            ($0.offsets.lowerBound, $0.offsets.upperBound) < ($1.offsets.lowerBound, $1.offsets.upperBound)
        }
        for entry in ordered {
            let place = "\(file.path): tensor \(entry.name)"
            guard entry.offsets.upperBound <= bytes else { throw beyondTheEnd(entry, of: file) }
            guard entry.offsets.lowerBound == end else {
                let fault = entry.offsets.lowerBound < end ? "shares bytes with another" : "leaves a gap before it"
                let remedy = "which no program writes; download the file again"
                throw CheckpointError(.malformed, at: place, "\(fault), \(remedy)")
            }
            end = entry.offsets.upperBound
        }
        guard end == bytes else {
            let message = "\(bytes - end) bytes follow the last tensor; copy or download the file again"
            throw CheckpointError(.malformed, at: file.path, message)
        }
    }

    private static func beyondTheEnd(_ entry: SafetensorsHeader.Entry, of file: CheckpointFile) -> CheckpointError {
        let message = "lies beyond the end of the file; copy or download it again"
        return CheckpointError(.truncated, at: "\(file.path): tensor \(entry.name)", message)
    }

    private static func tensor(
        _ entry: SafetensorsHeader.Entry,
        file: CheckpointFile,
        dataStart: Int
    ) throws(CheckpointError) -> Tensor? {
        guard let type = TensorType(rawValue: entry.dtype) else { return nil }
        guard let count = Tensor.count(of: entry.shape), entry.offsets.count == count * type.bytes else {
            throw CheckpointError(
                .malformed,
                at: "\(file.path): tensor \(entry.name)",
                "its offsets do not fit its shape \(entry.shape)"
            )
        }
        // Before they are added to the place of the data: offsets may be as large as a number can be.
        guard entry.offsets.upperBound <= file.byteCount - dataStart else { throw beyondTheEnd(entry, of: file) }
        return Tensor(
            name: entry.name,
            shape: entry.shape,
            type: type,
            file: file,
            range: dataStart + entry.offsets.lowerBound..<dataStart + entry.offsets.upperBound
        )
    }

    /// The tensor `name`, which must have `shape`.
    package func tensor(_ name: String, shape: [Int]) throws(CheckpointError) -> Tensor {
        try checkpoint.tensor(name, shape: shape)
    }
}
