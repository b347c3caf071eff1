/// The state of the connection to the broker.
package struct MQTTStatus: Sendable, Equatable {
    package var isConnected = false
    /// What is wrong; nil if nothing is.
    package var reason: String?
    /// The connections that the broker has accepted.
    package var connections: UInt64 = 0
    /// The messages that the broker has acknowledged.
    package var delivered: UInt64 = 0
    /// The messages that the broker has refused.
    package var refused: UInt64 = 0
    /// The records that were no longer kept when it was their turn, and numbers that a crash left unused.
    package var lost: UInt64 = 0
    /// The record up to which the broker has everything.
    package var seqAcknowledged: UInt64 = 0
}
