import Foundation
import TestSupport
import Testing
import Text

/// An event's record in the journal's file, as Python's sqlite3 reads it.
struct JournalledEvent {
    var seq: Int64
    var line: String
    var value: JSONValue

    /// All of them, in the order of their numbers.
    static func all(in directory: TemporaryDirectory) async throws -> [JournalledEvent] {
        let script = """
            import sqlite3, sys
            records = sqlite3.connect(sys.argv[1]).execute("SELECT line FROM record ORDER BY seq")
            for record in records: print(record[0])
            """
        return try await ChildProcess.with(
            "/usr/bin/python3",
            ["-c", script, directory("events.sqlite")],
            in: directory,
            name: "journal"
        ) { child in
            #expect(try await child.finish() == .exit(0), "\(child.errors)")
            return try child.output.split(separator: "\n").map(String.init).compactMap { line in
                let value = try JSONValue(parsing: line)
                guard value.type == "event", let seq = value.seq else { return nil }
                return JournalledEvent(seq: seq, line: line, value: value)
            }
        }
    }
}
