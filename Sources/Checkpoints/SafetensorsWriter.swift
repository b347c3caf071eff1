import Foundation

/// Writes a `.safetensors` file tensor by tensor, so that a model larger than memory is no trouble.
///
/// All names and shapes are given first (they stand in the header), then the values in the same order.
public final class SafetensorsWriter {
    private let handle: FileHandle
    private let path: String
    private var expected: [(name: String, count: Int)]

    public init(path: String, tensors: [(name: String, shape: [Int])]) throws(CheckpointError) {
        self.path = path
        var offset = 0
        var header: [String: Any] = ["__metadata__": ["format": "pt"]]
        var expected: [(name: String, count: Int)] = []
        for (name, shape) in tensors {
            let count = shape.reduce(1, *)
            header[name] =
                ["dtype": "F32", "shape": shape, "data_offsets": [offset, offset + count * 4]] as [String: Any]
            offset += count * 4
            expected.append((name, count))
        }
        do {
            var json = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys])
            json.append(Data(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw CheckpointError(.unreadable, at: path, "cannot be written; is the directory there and writable?")
            }
            handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.write(contentsOf: withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) })
            try handle.write(contentsOf: json)
        } catch let error as CheckpointError {
            throw error
        } catch {
            throw CheckpointError(.unreadable, at: path, "cannot be written: \(error.localizedDescription)")
        }
        self.expected = expected.reversed()
    }

    /// The values of the next tensor, row-major.
    public func write(_ values: [Float]) throws(CheckpointError) {
        precondition(
            expected.popLast()?.count == values.count,
            "tensors are written in the order they were announced in"
        )
        do {
            try handle.write(contentsOf: values.withUnsafeBytes { Data($0) })
        } catch {
            throw CheckpointError(.unreadable, at: path, "cannot be written: \(error.localizedDescription)")
        }
    }

    public func close() throws(CheckpointError) {
        precondition(expected.isEmpty, "a tensor was announced and not written")
        do { try handle.close() } catch {
            throw CheckpointError(.unreadable, at: path, "cannot be written: \(error.localizedDescription)")
        }
    }
}
