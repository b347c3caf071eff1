import System

/// A receiver's mark for as long as the receiver is served. A disk that refuses the mark at first keeps it from then on as
/// soon as it can. For one thread at a time.
package final class ServedMark {
    /// What was kept before the receiver was served, also if it can be read but not be kept; nil for nothing.
    package let found: DeliveryMark.Content?
    private let place: MarkPlace?
    private let pause: Duration
    private var mark: (any PositionMark)?
    /// Why it cannot be opened, and when that is tried again.
    private var refusal: (error: FeedError, opensAt: Instant)?

    /// - Parameters:
    ///   - place: nil keeps nothing.
    ///   - pause: how long a mark that cannot be opened is left alone.
    package init(_ place: MarkPlace?, pause: Duration = .seconds(10)) {
        self.place = place
        self.pause = pause
        do throws(FeedError) {
            mark = try place?.open()
            found = mark?.found
        } catch {
            refusal = (error, .now + pause)
            found = place?.peek()
        }
    }

    /// Keeps another position.
    ///
    /// - Parameter durably: whether to wait until it survives a crash.
    /// - Throws: `FeedError` if it is not kept.
    package func write(_ position: FeedPosition, durably: Bool = false) throws(FeedError) {
        if let refusal, .now < refusal.opensAt { throw refusal.error }
        do throws(FeedError) {
            if mark == nil { mark = try place?.open() }
            refusal = nil
            try mark?.write(position.mark, durably: durably)
        } catch {
            if mark == nil { refusal = (error, .now + pause) }
            throw error
        }
    }
}
