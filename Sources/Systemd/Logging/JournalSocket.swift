import CSystemd
import Foundation

/// The system journal's socket, which takes fields; standard error takes only lines.
enum JournalSocket {
    /// Sends one entry.
    ///
    /// - Parameter fields: `NAME=value` each.
    /// - Returns: false if the system journal does not take it.
    static func send(_ fields: [String]) -> Bool {
        // The bytes are read during the call only, so one buffer that outlives the call holds all of them.
        var bytes: [UInt8] = []
        let ranges = fields.map { field in
            let start = bytes.count
            bytes += field.utf8
            return start..<bytes.count
        }
        return bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            let parts = ranges.map { iovec(iov_base: base + $0.lowerBound, iov_len: $0.count) }
            return sd_journal_sendv(parts, Int32(parts.count)) == 0
        }
    }
}
