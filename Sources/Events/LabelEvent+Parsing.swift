package import Text

extension LabelEvent {
    /// Reads a line that `FeedRecord.line` wrote; nil for any other line.
    package init?(_ line: JSONValue) {
        guard line["type"]?.string == "event",
            let id = line["id"]?.string,
            let state = line["state"]?.string.flatMap(State.init(rawValue:)),
            let stream = line["stream"]?.string,
            let label = line["label"]?.string,
            let text = line["text"]?.string,
            let startTime = line["start_time"]?.string.flatMap(UTCTime.init(iso8601:)),
            let time = line["time"]?.string.flatMap(UTCTime.init(iso8601:)),
            let windowSeconds = line["window_seconds"]?.number,
            let model = line["model"]?.string,
            case .bool(let confirmed)? = line["confirmed"]
        else { return nil }
        self.init(
            id: id,
            state: state,
            stream: stream,
            label: label,
            text: text,
            // JSON cannot express NaN, so it was written as null.
            score: line["score"]?.number ?? .nan,
            topScore: line["top_score"]?.number ?? .nan,
            threshold: line["threshold"]?.number ?? .nan,
            part: line["part"]?.string.flatMap(PicturePart.init(rawValue:)),
            startTime: startTime,
            endTime: line["end_time"]?.string.flatMap(UTCTime.init(iso8601:)),
            duration: line["duration"]?.number.map { .seconds($0) },
            endReason: line["end_reason"]?.string.flatMap(EndReason.init(rawValue:)),
            windowSeconds: windowSeconds,
            model: model,
            confirmed: confirmed,
            time: time,
            picture: line["picture"]?.string,
            clip: line["clip"]?.string,
            epoch: line["epoch"]?.integer.flatMap { UInt64(exactly: $0) }
        )
    }
}
