package import Text

/// A record of the feed, which is numbered, stored and replayed.
package enum FeedRecord: Sendable, Equatable {
    case event(LabelEvent)
    case stream(StreamHealth)

    package var stream: String {
        switch self {
        case .event(let event): event.stream
        case .stream(let health): health.stream
        }
    }

    /// The record as made under this claim of a fleet's camera, unless it names one already.
    package func under(_ epoch: UInt64?) -> FeedRecord {
        switch self {
        case .event(var event):
            event.epoch = event.epoch ?? epoch
            return .event(event)
        case .stream(var health):
            health.epoch = health.epoch ?? epoch
            return .stream(health)
        }
    }

    /// The record as a line of the event socket.
    ///
    /// - Parameter seq: the record's number.
    package func line(seq: UInt64) -> JSONLine {
        switch self {
        case .event(let event): event.line(seq: seq)
        case .stream(let health): health.line(seq: seq)
        }
    }
}

extension LabelEvent {
    fileprivate func line(seq: UInt64) -> JSONLine {
        var line = JSONLine(type: "event")
        line.add("seq", seq)
        line.add("id", id)
        line.add("state", state.rawValue)
        line.add("stream", stream)
        line.add("label", label)
        line.add("text", text)
        line.add("score", score)
        line.add("top_score", topScore)
        line.add("threshold", threshold)
        if let part { line.add("part", part.rawValue) }
        line.add("start_time", startTime)
        line.add("end_time", endTime)
        line.add("duration", duration)
        line.add("end_reason", endReason?.rawValue)
        line.add("window_seconds", windowSeconds)
        line.add("model", model)
        line.add("confirmed", confirmed)
        line.add("time", time)
        if let picture { line.add("picture", picture) }
        if let clip { line.add("clip", clip) }
        if let epoch { line.add("epoch", epoch) }
        return line
    }
}

extension StreamHealth {
    fileprivate func line(seq: UInt64) -> JSONLine {
        var line = JSONLine(type: "stream")
        line.add("seq", seq)
        line.add("stream", stream)
        line.add("state", state.rawValue)
        line.add("reason", reason)
        line.add("since", since)
        if let epoch { line.add("epoch", epoch) }
        return line
    }
}
