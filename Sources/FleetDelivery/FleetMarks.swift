import EventFeed
package import Fleet

/// The marks of the fleet's receivers, which the engine keeps.
package struct FleetMarks: Sendable {
    /// Those that the engine has.
    package var all: @Sendable () -> [String: FleetMark]
    /// Keeps a mark, or removes one that is nil.
    package var keep: @Sendable (_ mark: FleetMark?, _ receiver: String) -> Void

    package init(
        all: @escaping @Sendable () -> [String: FleetMark],
        keep: @escaping @Sendable (_ mark: FleetMark?, _ receiver: String) -> Void
    ) {
        self.all = all
        self.keep = keep
    }

    package init(_ member: FleetMember) {
        self.init(all: { member.status.marks }, keep: { member.keep($0, of: $1) })
    }

    /// The place of a receiver's mark.
    func place(of receiver: String) -> MarkPlace {
        MarkPlace { () throws(FeedError) in KeptMark(receiver, self) }
    }
}

/// The mark of one receiver. The engine has a position within a second or so: what was delivered in that time by a host that
/// dies is delivered again, with the same identifiers.
private final class KeptMark: PositionMark {
    let found: DeliveryMark.Content?
    private let receiver: String
    private let marks: FleetMarks

    init(_ receiver: String, _ marks: FleetMarks) {
        self.receiver = receiver
        self.marks = marks
        found = marks.all()[receiver].map { DeliveryMark.Content(feedID: $0.feedID, seq: $0.seq) }
    }

    func write(_ content: DeliveryMark.Content, durably: Bool) {
        marks.keep(FleetMark(feedID: content.feedID, seq: content.seq), receiver)
    }
}
