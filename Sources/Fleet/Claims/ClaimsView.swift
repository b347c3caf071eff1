package import Text

/// The claims as the watch has shown them.
struct ClaimsView {
    private(set) var claims: [String: FleetClaim] = [:]
    /// Grows with each change of a claim, and where a watch that begins anew shows one again.
    private(set) var version = 0
    /// Whether every entry has been shown at least once.
    private(set) var isComplete = false
    /// The last sign that the watch works; nil before it is first asked for.
    private var lastSign: Duration?

    mutating func forget() { (claims, isComplete, version) = ([:], false, version + 1) }
    mutating func catchUp() { isComplete = true }
    /// The watch works, or is asked for.
    mutating func sign(at now: Duration) { lastSign = now }

    /// Takes an entry unless a later one is known.
    mutating func set(_ camera: String, owner: String?, revision: UInt64, since time: UTCTime? = nil) {
        if let known = claims[camera], known.revision > revision || known.revision == revision && time == nil { return }
        claims[camera] = FleetClaim(owner: owner, revision: revision, since: time)
        version += 1
    }

    /// Whether the watch has been silent for so long that it may have died.
    func isStale(at now: Duration, patience: Duration) -> Bool { lastSign.map { now - $0 >= patience } ?? true }
}

/// Which host has a camera.
package struct FleetClaim: Sendable, Equatable {
    /// Nil for a camera that was given up.
    package var owner: String?
    /// The claim's epoch.
    package var revision: UInt64
    /// When the claim was set, by the engine's clock; nil if that is not known.
    package var since: UTCTime?
}
