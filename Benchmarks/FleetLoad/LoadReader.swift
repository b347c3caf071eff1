import Fleet
import System
import Text

/// A subscriber that appends each record to a file, and after its death resumes after the last one there.
enum LoadReader {
    static func path(_ directory: String) -> String { "\(directory)/feed" }

    static func run(directory: String, servers: String) throws {
        let file = try LineFile(path(directory))
        var last: UInt64 = 0
        if let line = LineFile.lines(path(directory)).last, let value = try? JSONValue(parsing: String(line)) {
            last = UInt64(value["seq"]?.integer ?? 0)
        }
        let settings = EngineCluster.settings(servers, host: "reader")
        var client: EngineClient?
        while client == nil {
            client = try? EngineClient(settings)
            // Servers that refuse it do so at once.
            if client == nil { MonotonicTime.sleep(for: .milliseconds(200)) }
        }
        guard let client else { return }
        var reader = FleetReader(client, after: last)
        while true {
            for reading in try reader.next(within: .seconds(1)) {
                switch reading {
                case .record(_, let line): file.add(line)
                case .gap(let range): file.add(#"{"gap":"\#(range)"}"#)
                case .feed, .caughtUp: break
                }
            }
        }
    }
}
