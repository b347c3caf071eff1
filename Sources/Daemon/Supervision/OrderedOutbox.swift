/// Messages that were made under a lock, in order, and are sent outside it by one thread at a time. Pure: the lock is the
/// caller's.
///
/// The thread that `claim` grants the sending calls `next` until it returns nil. Another thread that adds a message
/// meanwhile leaves it to that one, so the last message sent is the last that was added.
struct OrderedOutbox<Message: Sendable>: Sendable {
    private var waiting: [Message] = []
    private var isClaimed = false

    mutating func add(_ message: Message) { waiting.append(message) }

    /// Whether the caller is to send. False if nothing waits or another thread sends already.
    mutating func claim() -> Bool {
        guard !isClaimed, !waiting.isEmpty else { return false }
        isClaimed = true
        return true
    }

    /// The oldest message; nil ends the claim.
    mutating func next() -> Message? {
        guard !waiting.isEmpty else {
            isClaimed = false
            return nil
        }
        return waiting.removeFirst()
    }

    /// Discards the messages that have not been sent.
    mutating func removeAll() { waiting.removeAll() }
}
