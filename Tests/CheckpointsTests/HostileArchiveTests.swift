import CAllocationCount
import Foundation
import TestSupport
import Testing

@testable import Checkpoints

/// Archives made to harm: each is refused at once, in one line that names the file, and nothing of it is executed.
@Suite(.serialized) struct HostileArchiveTests {
    /// Opens `bytes`, reads all tensors, and expects an error; in under a second of work and without memory to speak of.
    @discardableResult
    private func expectRefusal(
        _ bytes: [UInt8],
        _ words: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> CheckpointError? {
        try withFile("hostile.bin", bytes) { path in
            let (start, before) = (threadSeconds(), allocated_bytes_of_thread())
            let error = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) {
                for tensor in try Checkpoint(file: path).tensors.values { _ = try tensor.floats() }
            }
            #expect(isLessThanASecondOfWork(threadSeconds() - start), sourceLocation: sourceLocation)
            #expect(allocated_bytes_of_thread() - before < 150 << 20, sourceLocation: sourceLocation)
            let line = error?.description ?? ""
            let isGood = line.contains(words) && line.hasPrefix(path) && !line.contains("\n")
            #expect(isGood, "\(line)", sourceLocation: sourceLocation)
            return error
        }
    }

    private func zipped(_ build: (inout Forgery) -> Void) -> [UInt8] { ForgedZip(pickle: Forgery.pickle(build)).bytes }

    @Test func aGoodForgeryIsRead() throws {
        let pickle = Forgery.oneTensor { $0.tensor(count: 16, offset: 1, shape: [2, 3], strides: [3, 1]) }
        try withFile("good.bin", ForgedZip(pickle: pickle).bytes) { path in
            let tensor = try Checkpoint(file: path).tensor("w", shape: [2, 3])
            #expect(try tensor.floats().count == 6)
        }
    }

    @Test(arguments: [("os", "system"), ("builtins", "eval"), ("posix", "system"), ("subprocess", "Popen")])
    func aCallOfAnythingIsNotMade(module: String, name: String) throws {
        let marker = FileManager.default.temporaryDirectory.path + "/ww-executed-\(UUID().uuidString)"
        let error = try expectRefusal(
            zipped {
                $0.global(module, name)
                $0.add("(")
                $0.text("touch \(marker)")
                $0.add("tR")
            },
            "\(module).\(name)"
        )
        #expect(error?.code == .unsupported)
        #expect(!FileManager.default.fileExists(atPath: marker))
    }

    @Test func anObjectAmongTheTensorsIsKeptAsItsName() throws {
        let pickle = Forgery.pickle {
            $0.add("}")
            $0.text("w")
            $0.tensor(count: 16, shape: [4], strides: [1])
            $0.add("s")
            $0.text("config")
            $0.global("evil.module", "Config")
            $0.add(")", 0x81)
            $0.add("}")
            $0.text("x")
            $0.add("K", 1)
            $0.add("sbs")
        }
        try withFile("object.bin", ForgedZip(pickle: pickle).bytes) { path in
            let checkpoint = try Checkpoint(file: path)
            #expect(checkpoint.tensors.count == 1)
            #expect(checkpoint.others["config"]?.contains("evil.module.Config") == true)
        }
    }

    @Test func bombsRunOutOfSteps() throws {
        // Marks, memo entries, lists in lists, tuples of tuples, and a list that doubles by appending itself.
        try expectRefusal(zipped { for _ in 0..<600_000 { $0.add("(") } }, "more than any checkpoint")
        try expectRefusal(
            zipped {
                $0.add("N")
                for index in 0..<600_000 { $0.add("r", index, index >> 8, index >> 16, 0) }
            },
            "more than any checkpoint"
        )
        try expectRefusal(zipped { for _ in 0..<600_000 { $0.add("]") } }, "more than any checkpoint")
        try expectRefusal(
            zipped {
                $0.add(")")
                for _ in 0..<600_000 { $0.add(0x85) }
            },
            "more than any checkpoint"
        )
        try expectRefusal(
            zipped {
                $0.add("]q", 0)
                for _ in 0..<1_000_000 { $0.add("h", 0, "a") }
            },
            "more than any checkpoint"
        )
        let long = String(repeating: "x", count: 250)
        try expectRefusal(
            zipped {
                $0.text(long)
                $0.add("q", 0)
                for _ in 0..<300_000 { $0.add("h", 0, "h", 0, 0x93) }
            },
            "more than any checkpoint"
        )
        try expectRefusal(
            zipped {
                $0.global("collections", "OrderedDict")
                $0.add("q", 0)
                $0.add("](")
                for _ in 0..<1000 { $0.add("NN", 0x86) }
                $0.add("e", 0x85)
                $0.add("q", 1)
                for _ in 0..<100_000 { $0.add("h", 0, "h", 1, "R") }
            },
            "more than any checkpoint"
        )
    }

    @Test func deepNestingAndCirclesUnwind() throws {
        // Just within the budget: 150 000 lists, each in the next; and a list that holds itself.
        try expectRefusal(
            zipped {
                $0.add("]")
                for _ in 0..<150_000 { $0.add("]") }
                for _ in 0..<150_000 { $0.add("a") }
            },
            "no state dict"
        )
        try expectRefusal(
            zipped {
                $0.add(")")
                for _ in 0..<400_000 { $0.add(0x85) }
            },
            "no state dict"
        )
        try expectRefusal(
            zipped {
                $0.add("]q", 0)
                $0.add("h", 0, "a")
            },
            "no state dict"
        )
    }

    @Test func brokenStacksAreRefused() throws {
        /// Hundreds of them: no look at the clock for each.
        func expectRefusal(_ bytes: [UInt8], _ words: String) throws {
            try withFile("hostile.bin", bytes) { path in
                let error = #expect(throws: CheckpointError.self) { _ = try Checkpoint(file: path) }
                #expect(error?.description.contains(words) == true)
            }
        }
        for opcodes in ["", "0", "t", "s", "a", "R", "b", "Q", "u", "e", "2", "1", "(0", "Ns", "NNs", "]Na0"] {
            try expectRefusal(zipped { $0.add(opcodes) }, "hostile.bin")
        }
        for opcode in 0...255 where opcode != 0x2e {
            try expectRefusal(zipped { $0.add(opcode) }, "hostile.bin")
            try expectRefusal(zipped { $0.add("N", opcode) }, "hostile.bin")
            try expectRefusal(zipped { $0.add(")", ")", opcode) }, "hostile.bin")
        }
        try expectRefusal(zipped { $0.add("h", 7) }, "nothing remembered")
        try expectRefusal(zipped { $0.add(0x78) }, "opcode 0x78")
    }

    @Test func hugeDeclaredSizesTakeNothing() throws {
        let huge: [[Int]] = [
            [0x58, 255, 255, 255, 255], [0x8d] + Array(repeating: 255, count: 8), [0x8b, 255, 255, 255, 127],
            [0x8b, 255, 255, 255, 255], [0x42, 255, 255, 255, 255], [0x8e] + Array(repeating: 127, count: 8),
        ]
        for opcodes in huge {
            try expectRefusal(zipped { for byte in opcodes { $0.add(byte) } }, "breaks off")
        }
    }

    @Test(arguments: [
        (16, 0, [17], [1]), (16, 1, [16], [1]), (16, 0, [2, 2], [15, 2]), (16, 0, [1 << 40, 1 << 40], [0, 0]),
        (16, 0, [4, 4], [Int.max, Int.max]), (16, Int.max, [2], [1]), (16, Int.max, [], []), (16, -1, [2], [1]),
        (16, 0, [-2], [1]), (16, 0, [2], [-1]), (16, 0, [2], [1, 1]), (17, 0, [17], [1]), (1 << 62, 0, [4], [1]),
        (Int.max, 0, [Int.max], [1]), (16, 17, [0], [1]),
    ])
    func aTensorBeyondItsStorage(count: Int, offset: Int, shape: [Int], strides: [Int]) throws {
        let pickle = Forgery.oneTensor { $0.tensor(count: count, offset: offset, shape: shape, strides: strides) }
        try expectRefusal(ForgedZip(pickle: pickle).bytes, "hostile.bin")
    }

    @Test func tensorsThatUnfoldAreRefused() throws {
        // Strides of nought: a terabyte out of 64 bytes.
        let one = Forgery.oneTensor { $0.tensor(count: 16, shape: [1 << 20, 1 << 20], strides: [0, 0]) }
        try expectRefusal(ForgedZip(pickle: one).bytes, "four times")
        // One storage under thousands of names.
        let many = Forgery.pickle {
            $0.add("}")
            for index in 0..<2000 {
                $0.text("w\(index)")
                if index == 0 {
                    $0.tensor(count: 1 << 16, shape: [1 << 16], strides: [1])
                    $0.add("q", 0)
                } else {
                    $0.add("h", 0)
                }
                $0.add("s")
            }
        }
        try expectRefusal(ForgedZip(pickle: many, storages: [Array(repeating: 0, count: 1 << 18)]).bytes, "four times")
        let wide = Forgery.oneTensor {
            $0.tensor(count: 16, shape: Array(repeating: 1, count: 65), strides: Array(repeating: 1, count: 65))
        }
        try expectRefusal(ForgedZip(pickle: wide).bytes, "65 axes")
    }

    @Test func zipsThatLieAreRefused() throws {
        let good = ForgedZip(pickle: Forgery.oneTensor { $0.tensor(count: 16, shape: [4], strides: [1]) })
        func expect(_ words: String, _ change: (inout ForgedZip) -> Void) throws {
            var zip = good
            change(&zip)
            try expectRefusal(zip.bytes, words)
        }
        try expect("compressed") { $0.entries[1].method = 8 }
        try expect("encrypted") { $0.entries[1].flags = 1 }
        for name in ["../../etc/passwd", "/etc/passwd", "archive/../x", "a\\b", "a\0b"] {
            try expect("leads elsewhere") { $0.entries[1].name = name }
        }
        try expect("twice") { $0.entries.append($0.entries[1]) }
        try expect("is not where") { $0.entries[1].header = 7 }
        try expect("overlap") { $0.entries[0].size = UInt32($0.entries[0].data.count + 20) }
        try expect("is not where") { $0.entries[1].size = 200 }
        try expect("damaged") { $0.entries[1].size = 1 << 30 }
        try expect("damaged") { $0.count = 60000 }
        try expect("damaged") { $0.directoryOffset = 1 << 30 }
        try expect("damaged") { $0.directoryOffset = .max }
        try expect("missing or too short") { $0.entries.removeLast() }
        try expect("no data.pkl") { $0.entries.removeFirst() }
        try expect("no data.pkl") { $0.entries.append(.init(name: "other/data.pkl", data: [])) }
        try expect("TorchScript") { $0.entries.append(.init(name: "archive/constants.pkl", data: [])) }
        try expect("big-endian") { $0.entries.append(.init(name: "archive/byteorder", data: Array("big".utf8))) }
        try expect("breaks off") { $0.entries[0].data = [] }
    }

    @Test func storagesOfUnknownKindsAreRefused() throws {
        for (type, words) in [("EvilStorage", "unknown class"), ("Tensor", "unknown class")] {
            let pickle = Forgery.oneTensor { $0.tensor(type: type, count: 16, shape: [4], strides: [1]) }
            try expectRefusal(ForgedZip(pickle: pickle).bytes, words)
        }
        let path = Forgery.oneTensor { $0.tensor(storage: "../../x", count: 16, shape: [4], strides: [1]) }
        try expectRefusal(ForgedZip(pickle: path).bytes, "missing or too short")
    }
}
