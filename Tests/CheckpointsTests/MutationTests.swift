import Foundation
import Testing

@testable import Checkpoints
@testable import System

/// Damaged copies of what PyTorch wrote: each is read or refused, and none takes the process with it.
///
/// Some hundred copies of each file by default; `WATCHWORD_FUZZ_SECONDS` gives each so much time. A failure prints the seed to
/// run again.
@Suite(.serialized) struct MutationTests {
    private static let corpus = [
        "plain.bin", "views.bin", "views-legacy.bin", "views.safetensors", "micro/authors.pth",
        "sharded/pytorch_model.bin.index.json",
    ]

    @Test(arguments: corpus)
    func damagedFilesAreReadOrRefused(name: String) throws {
        let environment = ProcessInfo.processInfo.environment
        let seconds = environment["WATCHWORD_FUZZ_SECONDS"].flatMap { Double($0) }
        let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Golden.path(name))))
        var random = Mutation(seed: environment["WATCHWORD_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1)
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        var (runs, read) = (0, 0)
        try withFile((name as NSString).lastPathComponent, original) { path in
            while end.map({ .now < $0 }) ?? (runs < 400) {
                let seed = random.state
                try Data(random.mutated(original)).write(to: URL(fileURLWithPath: path))
                let start = threadSeconds()
                do {
                    let checkpoint = try Checkpoint(file: path)
                    for tensor in checkpoint.tensors.values { _ = try tensor.floats() }
                    read += 1
                } catch is CheckpointError {}
                runs += 1
                #expect(isLessThanASecondOfWork(threadSeconds() - start), "seed \(seed)")
            }
        }
        #expect(runs > 0 && read <= runs, "\(runs) runs, \(read) read")
    }
}

/// Random numbers, and what they do to a file.
private struct Mutation {
    private var numbers: SplitMix64

    init(seed: UInt64) { numbers = SplitMix64(seed: seed) }

    var state: UInt64 { numbers.state }

    mutating func next() -> UInt64 { numbers.next() }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }

    /// One to eight changes: a bit, a byte, a number, a stretch moved, repeated or cut out, the end cut off.
    mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...below(8) {
            guard !bytes.isEmpty else { return bytes }
            let at = below(bytes.count)
            let stretch = at..<min(bytes.count, at + 1 + below(24))
            switch below(8) {
            case 0, 1: bytes[at] ^= 1 << UInt8(below(8))
            case 2: bytes[at] = UInt8(truncatingIfNeeded: next())
            case 3:
                let interesting: [UInt8] = [0, 1, 0x7f, 0x80, 0xff] + Array("(R.Q".utf8)
                bytes[at] = interesting[below(interesting.count)]
            case 4: for index in stretch { bytes[index] = below(2) == 0 ? 0xff : 0 }
            case 5: bytes.insert(contentsOf: bytes[stretch], at: below(bytes.count))
            case 6: bytes.removeSubrange(stretch)
            default: if below(4) == 0 { bytes.removeLast(below(bytes.count)) }
            }
        }
        return bytes
    }
}
