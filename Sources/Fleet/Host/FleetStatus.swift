/// What this host knows of the fleet.
package struct FleetStatus: Sendable, Equatable {
    package var isConnected = false
    /// The last trouble; nil while there is none.
    package var trouble: String?
    /// The hosts that are alive.
    package var hosts: [Heartbeat] = []
    /// The cameras that this host watches, with their epochs.
    package var owned: [String: UInt64] = [:]
    /// The records that wait for the stream.
    package var waiting = 0
    package var forwarded: UInt64 = 0
    package var late: UInt64 = 0

    package init() {}
}
