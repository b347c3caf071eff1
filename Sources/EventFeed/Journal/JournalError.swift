/// Why the journal cannot be used at all, in one line with the remedy.
///
/// A disk that is full, read-only or broken is not such an error: the journal is then degraded and recovers by itself.
package struct JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        case noDirectory
        case permissionDenied
        /// Another daemon writes it.
        case inUse
        /// The file at the path is not a journal; it is left alone.
        case foreign
        /// A later version wrote it; it is left alone.
        case newer
        /// The system has no threads or sockets left.
        case system
    }

    package var code: Code
    /// What went wrong and the remedy, with the path.
    package var message: String
    package var path: String

    package var description: String { message }

    static let otherwise = "or set events.journal to another path or to none"

    static func noDirectory(_ settings: JournalSettings) -> JournalError {
        let place = "the directory \(settings.directory) of the journal \(settings.path)"
        let message = "\(place) does not exist: make it first, \(otherwise)"
        return JournalError(code: .noDirectory, message: message, path: settings.path)
    }

    static func denied(_ path: String) -> JournalError {
        let remedy = "let this user write it and its directory, \(otherwise)"
        return JournalError(code: .permissionDenied, message: "no permission to write \(path): \(remedy)", path: path)
    }

    static func inUse(_ path: String) -> JournalError {
        let message = "another daemon writes the journal \(path): stop it, \(otherwise)"
        return JournalError(code: .inUse, message: message, path: path)
    }

    static func foreign(_ path: String) -> JournalError {
        let message = "\(path) exists and is no journal of watchword: move it away, \(otherwise)"
        return JournalError(code: .foreign, message: message, path: path)
    }

    static func newer(_ path: String) -> JournalError {
        let remedy = "run that version, or move the file away to start a new one"
        return JournalError(
            code: .newer,
            message: "the journal \(path) was written by a later version of watchword: \(remedy)",
            path: path
        )
    }

    static func threads(_ path: String) -> JournalError {
        let message = "cannot start the journal \(path): the system has no more threads or sockets"
        return JournalError(code: .system, message: message, path: path)
    }
}
