import CAllocationCount
import Foundation
import Testing

@testable import Checkpoints

/// Files that are not what they should be, or do not stay what they were.
@Suite(.serialized) struct OutsideFileTests {
    private func failure(of path: String) -> CheckpointError? {
        #expect(throws: CheckpointError.self) { _ = try Checkpoint(file: path) }
    }

    /// Opening a pipe without a writer, as `open` does it, never returns.
    @Test(arguments: ["model.safetensors", "pytorch_model.bin", "model.safetensors.index.json"])
    func aPipeIsRefusedAtOnce(name: String) throws {
        try withFile("other", []) { other in
            let path = (other as NSString).deletingLastPathComponent + "/" + name
            try #require(mkfifo(path, 0o600) == 0)
            let error = failure(of: path)
            #expect(error?.code == .unreadable)
            #expect(error?.description == "\(path): is not a regular file; name a regular file")
        }
    }

    @Test func devicesAndDirectoriesAreRefused() throws {
        #expect(failure(of: "/dev/zero")?.message.contains("not a regular file") == true)
        #expect(failure(of: "/tmp")?.message.contains("is a directory") == true)
        #expect(failure(of: "/tmp/no-such-file-of-weights")?.code == .notFound)
    }

    /// A process that maps such a file is ended by SIGBUS at its next look.
    @Test(arguments: ["views.safetensors", "views.bin", "views-legacy.bin"])
    func aFileThatIsCutShortWhileItIsReadIsAnError(name: String) throws {
        try withFile(name, try Data(contentsOf: URL(filePath: Golden.path(name)))) { path in
            let checkpoint = try Checkpoint(file: path)
            #expect(truncate(path, 8) == 0)
            for tensor in checkpoint.tensors.values where tensor.count > 0 {
                let error = #expect(throws: CheckpointError.self) { _ = try tensor.floats() }
                #expect(error?.code == .truncated)
                #expect(error?.description.hasPrefix("\(path): was cut short") == true)
            }
        }
    }

    @Test func aFileThatIsReplacedIsReadToItsEnd() throws {
        let original = try Data(contentsOf: URL(filePath: Golden.path("views.safetensors")))
        try withFile("views.safetensors", original) { path in
            let checkpoint = try Checkpoint(file: path)
            try Data("another".utf8).write(to: URL(filePath: path), options: .atomic)
            let expected = try Checkpoint(file: Golden.path("views.safetensors"))
            for (name, tensor) in checkpoint.tensors { #expect(try tensor.bits == expected.tensors[name]?.bits) }
        }
    }
}

/// What safetensors 0.8.0 of Hugging Face refuses as well, and what it takes.
@Suite(.serialized) struct SafetensorsHeaderTests {
    private static func entry(_ name: String, _ offsets: Range<Int>) -> String {
        let bounds = "[\(offsets.lowerBound),\(offsets.upperBound)]"
        return "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\(offsets.count / 4)],\"data_offsets\":\(bounds)}"
    }

    private func open(_ header: String, data: Int) throws -> Checkpoint {
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        return try withFile("model.safetensors", length + header.utf8 + [UInt8](repeating: 0, count: data)) { path in
            try Checkpoint(file: path)
        }
    }

    private func refusal(_ header: String, data: Int) -> String {
        let error = #expect(throws: CheckpointError.self) { _ = try open(header, data: data) }
        #expect(error?.code == .malformed)
        return error?.description ?? ""
    }

    @Test func tensorsMustFillTheDataOnce() throws {
        let entry = Self.entry
        let good = "{\(entry("b", 8..<16)),\(entry("a", 0..<8)),\(entry("c", 8..<8))}"
        #expect(try open(good, data: 16).tensors.count == 3)
        #expect(refusal("{\(entry("a", 0..<8)),\(entry("b", 4..<12))}", data: 12).contains("tensor b: shares bytes"))
        #expect(refusal("{\(entry("a", 0..<8)),\(entry("b", 0..<8))}", data: 8).contains("shares bytes with another"))
        #expect(refusal("{\(entry("a", 0..<8)),\(entry("b", 12..<16))}", data: 16).contains("tensor b: leaves a gap"))
        #expect(refusal("{\(entry("a", 0..<8))}", data: 12).contains("4 bytes follow the last tensor"))
        #expect(refusal("{\(entry("a", 0..<4)),\(entry("a", 4..<8))}", data: 8).contains("\"a\" twice"))
    }

    @Test func namesMayHaveEscapesAndUnknownKeysArePassedOver() throws {
        let header = #"""
             { "__metadata__" : {"a":"}\"\\","b":"[" }, "\u00e4\n" : {"x":[{"y":[1.5e3,true,null,""]}],
            "dtype":"F32","shape":[ ],"data_offsets":[0, 4]} }
            """#
        #expect(try open(header + "   ", data: 4).tensors.keys.sorted() == ["ä\n"])
    }

    @Test(arguments: [
        "", "[]", "{", "{}}", #"{"a"}"#, #"{"a":}"#, #"{"a":1}"#, #"{"a":{}}"#, #"{"a":{"dtype":"F32"},}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},}"#,
        #"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
        #"{"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}"#,
        "{\"a\u{1}\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        #"{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, #"{"a"#, #"{"a\"#,
    ])
    func otherTextIsRefused(header: String) {
        #expect(refusal(header, data: 4).contains("header"))
    }

    @Test func deepNestingIsRefused() {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(refusal("{\"a\":{\"x\":\(deep)", data: 0).contains("header"))
    }

    /// A general parser took 41 s and 1.3 GB for 95 MB.
    @Test func aHugeHeaderCostsNoMoreThanItself() throws {
        func measured(_ header: String, _ words: String) throws {
            let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
            try withFile("model.safetensors", length + header.utf8) { path in
                let (start, before) = (threadSeconds(), allocated_bytes_of_thread())
                let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(file: path) }
                #expect(error?.description.contains(words) == true)
                #expect(isLessThanASecondOfWork((threadSeconds() - start) / 2))
                #expect(allocated_bytes_of_thread() - before < 4 * header.utf8.count + 64 << 20)
            }
        }
        try measured("{\"__metadata__\":{\"a\":\"\(String(repeating: "x", count: 95_000_000))\"}}", "would be 95000")
        let many = (0..<110_000).map { Self.entry("tensor.\($0)", 0..<0) }.joined(separator: ",")
        try measured("{\(many)}", "more than 100000 tensors")
        let long = "\"\(String(repeating: "x", count: 1000))\":\"\",".utf8.count
        let metadata = String(repeating: "\"\(String(repeating: "x", count: 1000))\":\"\",", count: 30_000_000 / long)
        try measured("{\"__metadata__\":{\(metadata)\"a\":\"\"},\"a\":1}", "header")
    }
}
