/// What this host knows of the fleet.
package struct FleetStatus: Sendable, Equatable {
    package var isConnected = false
    /// The last trouble; nil while there is none.
    package var trouble: String?
    /// The hosts that are alive.
    package var hosts: [Heartbeat] = []
    /// Which host has which camera, as far as this host has seen.
    package var claims: [String: FleetClaim] = [:]
    /// The newest revision of the fleet's configuration; nil if there is none yet.
    package var revision: UInt64?
    /// How far this host's clock is ahead of the engine's; nil if that is not known yet.
    package var clockLead: Duration?
    /// The cameras that this host watches, with their epochs.
    package var owned: [String: UInt64] = [:]
    /// The records that wait for the stream.
    package var waiting = 0
    package var forwarded: UInt64 = 0
    package var late: UInt64 = 0
    /// The records that the servers refuse for ever, which were passed over.
    package var refused: UInt64 = 0
    /// The records that the journal dropped before they were read for the stream.
    package var missed: UInt64 = 0
    /// Which host delivers the records for the fleet; nil if none does.
    package var deliverer: FleetClaim?
    /// Whether this host delivers them.
    package var delivers = false
    /// How far each receiver has them.
    package var marks: [String: FleetMark] = [:]

    package init() {}
}
