import System

/// Names what a model's files hold, for what is kept of it and must never be stale.
///
/// The versions of the files show a change of any byte, except where a file system has no times of changes
/// (`FileVersion`); there the samples of `ModelDigest` still show most. A copy of a model has another version.
enum ModelVersion {
    /// - Parameter digest: the model's (`ModelDigest`).
    /// - Returns: nil if a file has changed so shortly before that a further change might not show.
    static func of(_ directory: String, digest: String) -> String? {
        var versions = ""
        for path in ModelFileNames(directory).all.map({ "\(directory)/\($0)" }) {
            guard let version = try? RegularFile(path).version else { continue }
            guard version.isSettled else { return nil }
            versions += "\(path)\n\(version)\n"
        }
        return versions + digest
    }
}
