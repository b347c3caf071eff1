import System

extension Checkpoint {
    /// A digest of the versions of the files and of where each tensor lies in them. It names the weights as surely as
    /// the times of the files do (`FileVersion`).
    ///
    /// To read and digest the weights themselves would take longer than what is kept by this name saves. Nil if a file changed
    /// so shortly before it was opened that a further change might not show.
    package var identity: String? {
        guard !tensors.isEmpty, tensors.values.allSatisfy(\.file.version.isSettled) else { return nil }
        var digest = ContentDigest()
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            digest.add("\(name)\n\(tensor.file.version) \(tensor.type.rawValue) \(tensor.shape) \(tensor.range) ")
            digest.add("\(tensor.steps)\n")
        }
        return digest.finish()
    }
}
