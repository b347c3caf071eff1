import Foundation
import Testing

@testable import Checkpoints

@Suite struct SafetensorsTests {
    /// A file of `header` and `data` in a folder of its own, gone when `body` returns.
    private func withFile<R>(header: String, data: [UInt8], length: UInt64? = nil, _ body: (String) throws -> R) throws
        -> R
    {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent("model.safetensors")
        var bytes = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Data($0) }
        bytes.append(contentsOf: header.utf8)
        bytes.append(contentsOf: data)
        try bytes.write(to: path)
        return try body(path.path)
    }

    @Test func readsEachTypeAndPassesOverTheRest() throws {
        let header = """
            {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},\
            "b":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]},"c":{"dtype":"BF16","shape":[],"data_offsets":[12,14]},\
            "ids":{"dtype":"I64","shape":[1],"data_offsets":[14,22]}}
            """
        let data: [UInt8] =
            [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0x3c, 1, 0, 0x40, 0x40] + Array(repeating: 0, count: 8)
        try withFile(header: header, data: data) { path in
            let file = try SafetensorsFile(path: path)
            #expect(try file.tensor("a", shape: [2]).floats() == [1, -2])
            #expect(try file.tensor("b", shape: [1, 2]).floats() == [1, 0x1p-24])
            #expect(try file.tensor("c", shape: []).floats() == [3])
            #expect(file.tensors["ids"] == nil)
        }
    }

    @Test func everyHalfEqualsTheCompilersOwn() {
        for bits in UInt16.min...UInt16.max {
            let (ours, theirs) = (floatFromHalf(bits), Float(Float16(bitPattern: bits)))
            #expect(ours == theirs || (ours.isNaN && theirs.isNaN))
        }
    }

    @Test(arguments: [
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}"#, CheckpointError.Code.malformed),
        (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, .truncated),
        // With the header's own length, its end is beyond what a number can say.
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}"#, .truncated
        ),
        (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}"#, .malformed),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, .malformed),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, .malformed),
        (#"{"a":{"dtype":"F32","shape":[2]}}"#, .malformed),
        ("[1,2]", .malformed),
        ("{", .malformed),
    ])
    func refusesWhatDoesNotFit(header: String, code: CheckpointError.Code) throws {
        try withFile(header: header, data: Array(repeating: 0, count: 8)) { path in
            let error = #expect(throws: CheckpointError.self) { _ = try SafetensorsFile(path: path) }
            #expect(error?.code == code)
            #expect(error?.place.contains("model.safetensors") == true)
        }
    }

    @Test func refusesAHeaderThatRunsOutOfTheFile() throws {
        for (length, code) in [(UInt64.max, CheckpointError.Code.malformed), (5000, .truncated)] {
            try withFile(header: "{}", data: [], length: length) { path in
                let error = #expect(throws: CheckpointError.self) { _ = try SafetensorsFile(path: path) }
                #expect(error?.code == code)
            }
        }
    }

    @Test func namesTheTensorAndTheShapeThatWasWanted() throws {
        try withFile(
            header: #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            data: Array(repeating: 0, count: 8)
        ) {
            let file = try SafetensorsFile(path: $0)
            let missing = #expect(throws: CheckpointError.self) {
                try file.tensor("visual_projection.weight", shape: [3, 4])
            }
            #expect(missing?.description.contains("visual_projection.weight of shape [3, 4]") == true)
            let wrong = #expect(throws: CheckpointError.self) { try file.tensor("a", shape: [3]) }
            #expect(wrong?.description.contains("tensor a has shape [2], config.json asks for [3]") == true)
        }
    }

    @Test func writerAndReaderAgree() throws {
        try withFile(header: "{}", data: []) { path in
            let writer = try SafetensorsWriter(path: path, tensors: [("x", [2, 2], .float32), ("y", [], .float32)])
            try writer.write([1, 2, 3, 4])
            try writer.write([5])
            try writer.close()
            let file = try SafetensorsFile(path: path)
            #expect(try file.tensor("x", shape: [2, 2]).floats() == [1, 2, 3, 4])
            #expect(try file.tensor("y", shape: []).floats() == [5])
        }
    }
}
