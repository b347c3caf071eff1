import GRDB

/// A failed use of the database, by its consequence for the journal. The texts say what is wrong.
enum JournalFault: Error, Equatable {
    /// The disk has no room.
    case full(String)
    /// The disk refuses. It may accept records again later.
    case disk(String)
    /// The file is damaged and cannot be used.
    case corrupt(String)
    /// The file was removed or replaced while it was in use.
    case gone
    case foreign
    case newer

    init(_ error: any Error) {
        if let fault = error as? JournalFault {
            self = fault
            return
        }
        guard let error = error as? DatabaseError else {
            self = .disk("\(error)")
            return
        }
        let words = error.message ?? "SQLite's error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(words)
        case .SQLITE_FULL: self = .full("the disk is full (\(words))")
        case .SQLITE_READONLY: self = .disk("the disk or the file is read-only (\(words))")
        case .SQLITE_IOERR: self = .disk("the disk fails (\(words))")
        default: self = .disk(words)
        }
    }

    var words: String {
        switch self {
        case .full(let words), .disk(let words): words
        case .corrupt(let words): "the file is damaged: \(words)"
        case .gone: "the file was removed or replaced while it was in use"
        case .foreign: "the file is no journal of watchword"
        case .newer: "a later version of watchword wrote the file"
        }
    }
}
