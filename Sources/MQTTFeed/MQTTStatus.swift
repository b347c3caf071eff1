/// How the broker's side fares.
package struct MQTTStatus: Sendable, Equatable {
    package var isConnected = false
    /// What is wrong, in words; nil where nothing is.
    package var reason: String?
    /// Connections that the broker has accepted.
    package var connections: UInt64 = 0
    /// Messages that the broker has acknowledged.
    package var delivered: UInt64 = 0
    /// The record up to which the broker has everything.
    package var seqAcknowledged: UInt64 = 0
}
