import Foundation
import TestSupport
import Testing

@testable import Checkpoints

/// Archives of nearly good form: each is read or refused, in little time. What the fuzz targets `pickle` and `zip` do at length.
@Suite(.serialized) struct ArchiveRecipeTests {
    @Test(arguments: [true, false])
    func eachIsReadOrRefused(isPickle: Bool) throws {
        var random = SeededGenerator(seed: 11)
        var read = 0
        let runs = 3000
        try withFile("pytorch_model.bin", []) { path in
            for run in 0..<runs {
                var recipe = ArchiveRecipe((0..<200).map { _ in UInt8.random(in: 0...255, using: &random) })
                try Data(isPickle ? recipe.pickle() : recipe.zip()).write(to: URL(filePath: path))
                let start = threadSeconds()
                do {
                    let checkpoint = try Checkpoint(file: path)
                    for tensor in checkpoint.tensors.values { _ = try tensor.floats() }
                    read += 1
                } catch is CheckpointError {}
                #expect(isLessThanASecondOfWork(threadSeconds() - start), "run \(run)")
            }
        }
        // Of good form enough to get past the door.
        #expect(read > runs / 100, "\(read)")
    }

    /// The forger's zip64 is read as zipfile's would be.
    @Test func zip64IsForgedWell() throws {
        var zip = ForgedZip(pickle: Forgery.oneTensor { $0.tensor(count: 16, shape: [4], strides: [1]) })
        zip.wideEnd = (2, nil, nil)
        zip.count = .max
        try withFile("wide.bin", zip.bytes) { path in
            let values = try Checkpoint(file: path).tensor("w", shape: [4]).floats()
            #expect(values.count == 4)
        }
    }
}
