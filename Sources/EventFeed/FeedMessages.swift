package import Text

/// Encodes the lines that the server itself makes.
package enum FeedMessages {
    static func error(_ code: FeedMessage.ErrorCode, _ message: String) -> JSONLine {
        var line = JSONLine(type: "error")
        line.add("code", code.rawValue)
        line.add("message", message)
        return line
    }

    static func tooSlow(sentSeq: UInt64) -> JSONLine {
        let remedy = "connect again and subscribe with \"since\": \(sentSeq)"
        var line = error(.tooSlow, "cut off for reading too slowly: \(remedy)")
        line.add("seq", sentSeq)
        return line
    }

    static func sinceAhead(_ since: UInt64, seqLast: UInt64) -> JSONLine {
        let remedy = "the numbering began anew (compare feed_id), subscribe with \"since\": 0 or without"
        return error(.sinceAhead, "since \(since) lies beyond the last record, \(seqLast): \(remedy)")
    }

    /// Records that are no longer kept.
    package static func gap(_ lost: ClosedRange<UInt64>) -> JSONLine {
        var line = JSONLine(type: "gap")
        line.add("from", lost.lowerBound)
        line.add("to", lost.upperBound)
        return line
    }

    static func snapshot(_ snapshot: EventHub.Snapshot, for subscription: Subscription) -> JSONLine {
        var line = JSONLine(type: "snapshot")
        line.add("seq", snapshot.head.seqLast)
        line.add("open", snapshot.open.filter(subscription.matches))
        line.add("streams", snapshot.streams.filter(subscription.matches))
        return line
    }
}
