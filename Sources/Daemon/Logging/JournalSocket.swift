import CSystemd
import Foundation

/// The journal's own door, which takes fields, where standard error takes lines alone.
enum JournalSocket {
    /// Sends one entry, `NAME=value` each. False where the journal does not take it.
    static func send(_ fields: [String]) -> Bool {
        // The journal reads the bytes during the call alone, so one buffer that outlives it holds them all.
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
