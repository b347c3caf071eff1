import Foundation

/// Writes a `.safetensors` file tensor by tensor, so that a model may be larger than memory.
///
/// All names, shapes and types come first, for the header; then the values in the same order.
package final class SafetensorsWriter {
    private let handle: FileHandle
    private let path: String
    private var expected: [(name: String, shape: [Int], type: TensorType)]

    package init(
        path: String,
        tensors: [(name: String, shape: [Int], type: TensorType)]
    ) throws(CheckpointError) {
        self.path = path
        var offset = 0
        var header: [String: Any] = ["__metadata__": ["format": "pt"]]
        for (name, shape, type) in tensors {
            let end = offset + shape.reduce(1, *) * type.bytes
            header[name] = ["dtype": type.rawValue, "shape": shape, "data_offsets": [offset, end]] as [String: Any]
            offset = end
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
        expected = tensors.reversed()
    }

    /// Writes the values of the next tensor, row-major, rounded to its type if that is narrower.
    package func write(_ values: [Float]) throws(CheckpointError) {
        guard let next = expected.popLast(), next.shape.reduce(1, *) == values.count else {
            preconditionFailure("tensors are written in the order they were announced in")
        }
        try write(values, as: next.type)
    }

    /// Writes the next tensor from `tensor`, a piece at a time unless its elements have gaps. If the types match, its bytes are copied.
    package func write(_ tensor: Tensor) throws(CheckpointError) {
        guard let next = expected.popLast(), next.shape == tensor.shape else {
            preconditionFailure("tensors are written in the order they were announced in")
        }
        guard tensor.strides == nil else { return try write(tensor.floats(), as: next.type) }
        if tensor.type == next.type {
            let piece = 4 << 20
            for first in stride(from: tensor.range.lowerBound, to: tensor.range.upperBound, by: piece) {
                let range = first..<min(first + piece, tensor.range.upperBound)
                let part = try tensor.file.part(range)
                try write(Data(part[range]))
            }
            return
        }
        let piece = 1 << 20
        var values = [Float](repeating: 0, count: min(piece, tensor.count))
        for first in stride(from: 0, to: tensor.count, by: piece) {
            let count = min(piece, tensor.count - first)
            if count < values.count { values.removeLast(values.count - count) }
            try values.withUnsafeMutableBufferPointer { buffer throws(CheckpointError) in
                try tensor.read(first..<first + count, into: buffer)
            }
            try write(values, as: next.type)
        }
    }

    private func write(_ values: [Float], as type: TensorType) throws(CheckpointError) {
        switch type {
        case .float64: try write(values.map { Double($0) }.withUnsafeBytes { Data($0) })
        case .float32: try write(values.withUnsafeBytes { Data($0) })
        case .float16: try write(values.map { halfFromFloat($0).littleEndian }.withUnsafeBytes { Data($0) })
        case .bfloat16: try write(values.map { brainFromFloat($0).littleEndian }.withUnsafeBytes { Data($0) })
        }
    }

    private func write(_ data: Data) throws(CheckpointError) {
        do { try handle.write(contentsOf: data) } catch {
            throw CheckpointError(.unreadable, at: path, "cannot be written: \(error.localizedDescription)")
        }
    }

    package func close() throws(CheckpointError) {
        precondition(expected.isEmpty, "a tensor was announced and not written")
        do {
            try handle.synchronize()
            try handle.close()
        } catch {
            throw CheckpointError(.unreadable, at: path, "cannot be written: \(error.localizedDescription)")
        }
    }
}
