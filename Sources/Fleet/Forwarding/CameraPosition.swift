/// How far the stream is with a camera, as its leader says.
struct CameraPosition: Equatable, Sendable {
    /// The last message of any host; 0 for none.
    var sequence: UInt64 = 0
    /// The epoch of that message; 0 for none.
    var epoch: UInt64 = 0
    /// The host that published that message.
    var owner: String?
    var open = OpenEvents()
    /// The last message with the state of the camera's stream; nil if there is none, or an older version wrote the last one.
    var health: UInt64?
    /// The last late message of this host; 0 for none.
    var lateSequence: UInt64 = 0
    /// The highest number of this host's journal that the stream has, late or not.
    var number: UInt64 = 0
}

extension CameraPosition {
    /// - Parameters:
    ///   - last: the camera's last message of any host.
    ///   - own: this host's last message, which repeats its highest number.
    ///   - late: this host's last late message.
    ///   - feed: names the numbering of this host's journal. Numbers of another one say nothing.
    init(last: StoredMessage?, own: StoredMessage?, late: StoredMessage?, feed: String) {
        if let last {
            sequence = last.sequence
            epoch = last.number(EngineMessage.Header.epoch) ?? 0
            owner = FleetSubjects.record(last.subject)?.host
            health = Publication.health(last)
            open = OpenEvents(header: last.headers[EngineMessage.Header.open], sequence: sequence, epoch: epoch)
        }
        lateSequence = late?.sequence ?? 0
        for message in [own, late] where message?.headers[EngineMessage.Header.feed] == feed {
            number = max(number, message?.number(EngineMessage.Header.number) ?? 0)
        }
    }
}
