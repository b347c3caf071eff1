import Text

/// Chooses the kept files that are to be removed. Pure: works on names, sizes and ages.
enum PictureRetention {
    struct File: Equatable {
        var path: String
        var byteCount: Int64
        var modified: UTCTime
    }

    /// The files older than `cutoff`, if that is given, and further ones until the rest have at most `keepBytes`. Oldest first.
    static func doomed(_ files: [File], before cutoff: UTCTime?, keepBytes: Int64) -> [File] {
        let oldestFirst = files.sorted { ($0.modified, $0.path) < ($1.modified, $1.path) }
        var left = files.reduce(0) { $0 + $1.byteCount }
        return oldestFirst.filter { file in
            guard cutoff.map({ file.modified < $0 }) ?? false || left > keepBytes else { return false }
            left -= file.byteCount
            return true
        }
    }
}
