/// Keeps how far a receiver has the feed. The next delivery goes on there. For one thread.
package protocol PositionMark: AnyObject {
    /// What was kept when it was opened; nil for nothing.
    var found: DeliveryMark.Content? { get }

    /// Keeps another position.
    ///
    /// - Parameter durably: whether to wait until it survives a crash.
    func write(_ content: DeliveryMark.Content, durably: Bool) throws(FeedError)
}

extension DeliveryMark: PositionMark {}

/// Where a mark is kept: in a file, or with a fleet.
package struct MarkPlace: Sendable {
    /// Opens the mark, on the thread that delivers.
    package var open: @Sendable () throws(FeedError) -> any PositionMark
    /// What is kept there, if it cannot be opened; nil for nothing.
    var peek: @Sendable () -> DeliveryMark.Content? = { nil }

    package init(open: @escaping @Sendable () throws(FeedError) -> any PositionMark) { self.open = open }

    package static func file(_ path: String) -> MarkPlace {
        var place = MarkPlace { () throws(FeedError) in try DeliveryMark(path: path) }
        place.peek = { DurableMark<DeliveryMark.Content>.peek(path: path) }
        return place
    }
}
