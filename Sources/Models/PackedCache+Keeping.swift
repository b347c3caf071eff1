import Checkpoints
import Foundation
import System
import XCLIP

extension PackedCache {
    /// The matrices of a large model have 430 MB.
    private static let mostPacked = 3
    /// The texts of a stream have 0.1 MB.
    private static let mostTexts = 64

    /// Removes the model's older files, then writes this one, unless the model was read from it.
    ///
    /// - Returns: why it could not be written.
    func keep(_ file: PackedFile.Draft, of model: XCLIPModel) -> Errno? {
        let name = (file.path as NSString).lastPathComponent
        let place = name.prefix { $0 != "-" } + "-"
        packed.clean { $0 != name && $0.hasPrefix(place) }
        return model.withPackedMatrices { matrices in
            guard !file.isNeeded || matrices.reduce(0, { $0 + $1.count }) >= leastBytes else { return nil }
            if let fault = packed.keep(file, matrices) { return fault }
            packed.removeOldest { files, _ in files <= Self.mostPacked }
            return nil
        }
    }

    /// Writes the embeddings of the lists that were not found. Those that this process has asked for stay, with the others
    /// used last.
    ///
    /// - Returns: why one could not be written.
    func keep(_ embeddings: [(file: PackedFile.Draft, LabelEmbeddings)]) -> Errno? {
        texts.clean()
        var fault: Errno?
        for (file, embeddings) in embeddings {
            if let error = embeddings.values.withUnsafeBytes({ texts.keep(file, [$0]) }) { fault = error }
        }
        texts.removeOldest { files, _ in files <= Self.mostTexts }
        return fault
    }
}
