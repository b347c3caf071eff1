import Events
import Text

/// The records of the fleet's stream as JSON.
package enum FleetRecords {
    /// A record of a host's journal with the host, which the fleet adds.
    static func record(_ body: String, host: String) -> [UInt8] {
        var more = JSONLine()
        more.add("host", host)
        // The journal's records are objects without this member, so they need not be parsed.
        let bytes = Array(body.utf8)
        guard bytes.count > 2, bytes.last == UInt8(ascii: "}") else { return joined(bytes, more) }
        return bytes.dropLast() + [UInt8(ascii: ",")] + more.text.utf8.dropFirst()
    }

    /// The first record of an owner.
    static func owner(
        of camera: String,
        previous: String?,
        isPrepared: Bool,
        host: String,
        epoch: UInt64,
        at time: UTCTime
    ) -> [UInt8] {
        var line = JSONLine(type: "owner")
        line.add("stream", camera)
        line.add("host", host)
        line.add("epoch", epoch)
        line.add("previous", previous)
        line.add("window", isPrepared ? "full" : "empty")
        line.add("time", time)
        return Array(line.text.utf8)
    }

    /// What stands in the feed for a record that the engine refuses for ever.
    static func refusal(of record: OutboxRecord, _ reason: String, host: String, at time: UTCTime) -> [UInt8] {
        var line = JSONLine(type: "refused")
        line.add("stream", record.camera)
        line.add("host", host)
        line.add("epoch", record.epoch)
        line.add("host_seq", record.number)
        line.add("bytes", record.body.utf8.count)
        line.add("id", record.event?.id)
        line.add("reason", reason)
        line.add("time", time)
        return Array(line.text.utf8)
    }

    /// The end of an event that a lost host left open; nil if its last record cannot be read.
    static func end(of record: [UInt8], host: String, epoch: UInt64, at time: UTCTime) -> [UInt8]? {
        guard let value = try? JSONValue(parsing: record), let event = LabelEvent(value) else { return nil }
        // Its last record is the last sign of the host that is known for the event.
        var end = event.ended(at: event.time, because: .ownerLost, reported: time)
        end.epoch = epoch
        return self.record(FeedRecord.event(end).line(seq: 0).text, host: host)
    }

    /// The end of an event whose last record is another version's and cannot be read: that record with an end, so that what
    /// it has is kept.
    static func end(
        _ event: String,
        of camera: String,
        unread record: [UInt8],
        host: String,
        epoch: UInt64,
        at time: UTCTime
    ) -> [UInt8] {
        var line = JSONLine(type: "event")
        line.add("id", event)
        line.add("state", "ended")
        line.add("stream", camera)
        line.add("end_reason", EndReason.ownerLost.rawValue)
        line.add("host", host)
        line.add("epoch", epoch)
        line.add("time", time)
        return joined(record, line)
    }

    /// A message of the stream as a line of a feed whose numbers are the stream's sequences.
    package static func line(_ body: [UInt8], seq: UInt64, isLate: Bool) -> String {
        var more = JSONLine()
        more.add("seq", seq)
        if isLate { more.add("late", true) }
        return String(decoding: joined(body, more), as: UTF8.self)
    }

    /// The object with other members added at its end. Members of the same name are replaced.
    private static func joined(_ body: [UInt8], _ more: JSONLine) -> [UInt8] {
        guard case .object(var members)? = try? JSONValue(parsing: body),
            case .object(let added)? = try? JSONValue(parsing: more.text)
        else { return Array(more.text.utf8) }
        members.removeAll { member in added.contains { $0.key == member.key } }
        var bytes: [UInt8] = []
        JSONValue.object(members + added).writeJSON(into: &bytes)
        return bytes
    }
}
