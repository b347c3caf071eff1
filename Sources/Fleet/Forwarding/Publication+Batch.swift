extension Publication {
    /// The messages of a batch that follows a position. The first one holds the fence for all.
    static func batch(
        _ contents: [Content],
        of camera: String,
        epoch: UInt64,
        after position: CameraPosition
    ) -> [Publication] {
        let isLate = position.epoch > epoch
        var (open, number) = (position.open, position.number)
        // The places in the batch of the last message about each event, and of the last with the state of the stream.
        var (events, health): ([String: Int], Int?) = ([:], nil)
        return contents.enumerated().map { place, content in
            switch content {
            case .record(let record), .refusal(let record, _): number = record.number
            case .owner, .end: break
            }
            var publication = Publication(
                camera: camera,
                content: content,
                epoch: epoch,
                isLate: isLate,
                expected: place > 0 ? nil : isLate ? position.lateSequence : position.sequence,
                number: number,
                open: "",
                health: health.map { Reference.before(place - $0) } ?? position.health.map { String($0) }
            )
            let event = publication.event
            publication.open = open.header(
                own: event.flatMap { $0.isEnd ? nil : $0.id },
                without: event?.id,
                distances: events.mapValues { place - $0 }
            )
            if publication.isHealth { health = place }
            if let event {
                open.apply(event, sequence: 0, epoch: epoch)
                events[event.id] = event.isEnd ? nil : place
            }
            return publication
        }
    }
}
