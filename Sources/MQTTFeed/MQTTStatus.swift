/// How the broker's side fares.
public struct MQTTStatus: Sendable, Equatable {
    public var isConnected = false
    /// What is wrong, in words; nil where nothing is.
    public var reason: String?
    /// Connections that the broker has accepted.
    public var connections: UInt64 = 0
    /// Messages that the broker has acknowledged.
    public var delivered: UInt64 = 0
    /// The record up to which the broker has everything.
    public var seqAcknowledged: UInt64 = 0
}
