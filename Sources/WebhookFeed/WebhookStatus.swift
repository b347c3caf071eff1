/// How far a webhook has the feed, and whether its receiver takes it.
package struct WebhookStatus: Sendable, Equatable {
    package var name: String
    /// Whether the last attempt was accepted.
    package var isHealthy = true
    /// What is wrong; nil if nothing is.
    package var reason: String?
    /// The records that the receiver has accepted.
    package var delivered: UInt64 = 0
    /// The records that the receiver has refused for good.
    package var refused: UInt64 = 0
    /// The records that were no longer kept when it was their turn, and numbers that a crash left unused.
    package var lost: UInt64 = 0
    /// The record up to which the receiver has been offered everything.
    package var seq: UInt64 = 0
}
