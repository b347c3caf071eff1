import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Checkpoints

/// Only what was written under the key and the names is taken from a file.
@Suite struct PackedFileTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/m.packed" }
    private let key = [UInt8](0..<32)
    private let matrices: [[UInt8]] = [[1, 2, 3], Array(repeating: 7, count: 4096), (0..<777).map { UInt8($0 % 251) }]

    init() throws { directory = try TemporaryDirectory() }

    /// Asks for every matrix; nil for one that has to be packed.
    private func read(_ file: PackedFile, _ names: [String] = ["a", "b", "c"], sizes: [Int]? = nil) -> [[UInt8]?] {
        zip(names, sizes ?? matrices.map(\.count)).map { name, size in
            var bytes = [UInt8](repeating: 0xee, count: size)
            return bytes.withUnsafeMutableBytes { file.read(name, into: $0) } ? bytes : nil
        }
    }

    private func write(_ file: PackedFile) throws {
        let memory = matrices.map { matrix in
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: matrix.count, alignment: 64)
            bytes.copyBytes(from: matrix)
            return bytes
        }
        defer { for bytes in memory { bytes.deallocate() } }
        try file.draft.write(memory.map { UnsafeRawBufferPointer($0) })
    }

    private func written() throws -> Data {
        let file = PackedFile(path: path, key: key)
        #expect(read(file) == [nil, nil, nil] && !file.isComplete)
        try write(file)
        return try Data(contentsOf: URL(filePath: path))
    }

    @Test func whatWasWrittenIsRead() throws {
        let data = try written()
        #expect(data.count == 40 + 3 * 8 + matrices.reduce(0) { $0 + $1.count })
        let file = PackedFile(path: path, key: key)
        #expect(read(file) == matrices && file.isComplete)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["m.packed"])
    }

    /// At every length, so also where a matrix or its checksum ends.
    @Test func aFileCutShortGivesWhatIsWholeOfIt() throws {
        let data = try written()
        for length in 0..<data.count where length < 200 || length % 97 == 0 || length > data.count - 20 {
            try data.prefix(length).write(to: URL(filePath: path))
            let file = PackedFile(path: path, key: key)
            let whole = [51, 51 + 8 + 4096, data.count].map { $0 <= length }
            #expect(read(file) == zip(matrices, whole).map { $1 ? $0 : nil }, "\(length)")
            #expect(!file.isComplete, "\(length)")
        }
    }

    @Test func aFlippedBitCostsItsMatrixOnly() throws {
        let data = try written()
        var random = SeededGenerator(seed: 3)
        let ends = [40, 51, 51 + 8 + 4096, data.count]
        for place in Array(0..<60) + (0..<200).map({ _ in Int.random(in: 60..<data.count, using: &random) }) {
            var damaged = data
            damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try damaged.write(to: URL(filePath: path))
            let file = PackedFile(path: path, key: key)
            let expected = (0..<3).map {
                place >= 40 && !(ends[$0]..<ends[$0 + 1]).contains(place) ? matrices[$0] : nil
            }
            #expect(read(file) == expected, "\(place)")
            #expect(!file.isComplete, "\(place)")
        }
    }

    @Test func aForeignFileGivesNothing() throws {
        let data = try written()
        #expect(read(PackedFile(path: path, key: key.reversed())) == [nil, nil, nil])
        #expect(
            read(PackedFile(path: path, key: key), ["a", "c", "b"], sizes: [3, 4096, 777]) == [matrices[0], nil, nil]
        )
        #expect(read(PackedFile(path: path, key: key), sizes: [4, 4096, 777]) == [nil, nil, nil])
        // What follows the last matrix is of another model.
        try (data + [0]).write(to: URL(filePath: path))
        let longer = PackedFile(path: path, key: key)
        #expect(read(longer) == matrices && !longer.isComplete)
        try Data("{\"a\": 1}".utf8).write(to: URL(filePath: path))
        #expect(read(PackedFile(path: path, key: key)) == [nil, nil, nil])
    }

    /// Weights that somebody else could change would change what the model sees.
    @Test func aFileThatOthersMayWriteGivesNothing() throws {
        _ = try written()
        for mode in [0o620, 0o602] as [mode_t] {
            #expect(chmod(path, mode) == 0)
            #expect(read(PackedFile(path: path, key: key)) == [nil, nil, nil])
        }
        #expect(chmod(path, 0o644) == 0)
        #expect(read(PackedFile(path: path, key: key)) == matrices)
        guard geteuid() == 0 else { return }
        #expect(chown(path, 65534, 65534) == 0)
        #expect(read(PackedFile(path: path, key: key)) == [nil, nil, nil])
    }

    @Test func whatIsNoFileGivesNothing() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let directory = PackedFile(path: path, key: key)
        #expect(read(directory) == [nil, nil, nil])
        #expect(throws: (any Error).self) { try write(directory) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.directory.path) == ["m.packed"])
        #expect(rmdir(path) == 0 && mkfifo(path, 0o600) == 0)
        #expect(read(PackedFile(path: path, key: key)) == [nil, nil, nil])
        let nowhere = PackedFile(path: self.directory.path + "/none/m.packed", key: key)
        #expect(read(nowhere) == [nil, nil, nil])
        #expect(throws: (any Error).self) { try write(nowhere) }
    }

    /// Else each start of a crash loop would leave one.
    @Test func aDraftIsAbandonedOnceNobodyHasItsLock() throws {
        let draft = path + ".draft"
        try Data("half".utf8).write(to: URL(filePath: draft))
        let writer = open(draft, O_WRONLY)
        #expect(flock(writer, LOCK_EX | LOCK_NB) == 0)
        PackedFile.Draft.removeAbandoned(draft)
        #expect(FileManager.default.fileExists(atPath: draft))
        close(writer)
        PackedFile.Draft.removeAbandoned(draft)
        #expect(!FileManager.default.fileExists(atPath: draft))
    }

    /// What is being written is never taken for abandoned, not even before it has its lock.
    @Test(.ownThread) func draftsAreWrittenWhileOthersCleanUp() throws {
        let place = directory.path
        let isDone = Atomic(false)
        // The first of them is begun first.
        DispatchQueue.concurrentPerform(iterations: 3) { worker in
            guard worker == 0 else {
                while !isDone.load(ordering: .acquiring) {
                    for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
                    where !name.hasSuffix(".packed") { PackedFile.Draft.removeAbandoned("\(place)/\(name)") }
                }
                return
            }
            for round in 0..<300 {
                let file = PackedFile(path: path, key: key)
                _ = read(file)
                #expect(throws: Never.self, "\(round)") { try write(file) }
            }
            isDone.store(true, ordering: .releasing)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["m.packed"])
    }

    /// A reader still has the whole file that it opened when another takes its place.
    @Test func aFileMayBeReplacedWhileItIsRead() throws {
        _ = try written()
        let reader = PackedFile(path: path, key: key)
        let writer = PackedFile(path: path, key: key.reversed())
        #expect(read(writer) == [nil, nil, nil])
        try write(writer)
        #expect(read(reader) == matrices && reader.isComplete)
        let next = PackedFile(path: path, key: key.reversed())
        #expect(read(next) == matrices && next.isComplete)
    }
}
