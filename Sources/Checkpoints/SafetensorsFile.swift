import Foundation

/// A `.safetensors` file: eight bytes of header length, a JSON header (name → dtype, shape, data_offsets), the data.
///
/// Source: the format's description in huggingface/safetensors. Every offset is checked against the file before use.
package struct SafetensorsFile: Sendable {
    package let checkpoint: Checkpoint
    package var tensors: [String: Tensor] { checkpoint.tensors }

    private struct Entry: Decodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }

    /// The format's own limit for a header.
    static let maximumHeaderBytes = 100_000_000

    package init(path: String) throws(CheckpointError) {
        try self.init(file: MappedFile(path: path))
    }

    init(file: MappedFile) throws(CheckpointError) {
        let path = file.path
        guard file.bytes.count >= 8 else {
            throw CheckpointError(
                .truncated,
                at: path,
                "only \(file.bytes.count) bytes; not a safetensors file, or its copy broke off"
            )
        }
        let headerBytes = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
        guard headerBytes <= Self.maximumHeaderBytes else {
            throw CheckpointError(
                .malformed,
                at: path,
                "not a safetensors file (its header would be \(headerBytes) bytes)"
            )
        }
        let dataStart = 8 + Int(headerBytes)
        guard dataStart <= file.bytes.count else {
            throw CheckpointError(.truncated, at: path, "the file ends inside its header; copy or download it again")
        }
        let entries: [String: Entry]
        do {
            let header = Data(file.bytes[8..<dataStart])
            entries = try Self.decode(header)
        } catch {
            throw CheckpointError(.malformed, at: path, "the header is not the JSON of a safetensors file")
        }
        var tensors: [String: Tensor] = [:]
        var others: [String: String] = [:]
        for (name, entry) in entries {
            // Integer tensors (position ids of older files) are not weights, and are skipped.
            if let tensor = try Self.tensor(name, entry, file: file, dataStart: dataStart) {
                tensors[name] = tensor
            } else {
                others[name] = entry.dtype
            }
        }
        checkpoint = Checkpoint(path: path, tensors: tensors, others: others)
    }

    private static func decode(_ header: Data) throws -> [String: Entry] {
        // "__metadata__" is a map of strings among the tensors. It is skipped.
        struct Header: Decodable {
            var entries: [String: Entry] = [:]
            struct Key: CodingKey {
                let stringValue: String
                init(stringValue: String) { self.stringValue = stringValue }
                var intValue: Int? { nil }
                init?(intValue: Int) { nil }
            }
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Key.self)
                for key in container.allKeys where key.stringValue != "__metadata__" {
                    entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
                }
            }
        }
        return try JSONDecoder().decode(Header.self, from: header).entries
    }

    private static func tensor(
        _ name: String,
        _ entry: Entry,
        file: MappedFile,
        dataStart: Int
    ) throws(CheckpointError) -> Tensor? {
        let place = "\(file.path): tensor \(name)"
        guard let type = TensorType(rawValue: entry.dtype) else { return nil }
        var count = 1
        for size in entry.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else {
                throw CheckpointError(.malformed, at: place, "impossible shape \(entry.shape)")
            }
            count = product
        }
        guard
            entry.data_offsets.count == 2, entry.data_offsets[0] >= 0, entry.data_offsets[1] >= entry.data_offsets[0],
            count <= Int.max / 4, entry.data_offsets[1] - entry.data_offsets[0] == count * type.bytes
        else { throw CheckpointError(.malformed, at: place, "its offsets do not fit its shape \(entry.shape)") }
        guard entry.data_offsets[1] <= file.bytes.count - dataStart else {
            throw CheckpointError(.truncated, at: place, "lies beyond the end of the file; copy or download it again")
        }
        return Tensor(
            name: name,
            shape: entry.shape,
            type: type,
            file: file,
            range: dataStart + entry.data_offsets[0]..<dataStart + entry.data_offsets[1]
        )
    }

    /// The tensor `name`, which must have `shape`.
    package func tensor(_ name: String, shape: [Int]) throws(CheckpointError) -> Tensor {
        try checkpoint.tensor(name, shape: shape)
    }
}
