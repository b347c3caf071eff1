/// The claims as the watch has shown them.
struct ClaimsView {
    struct Claim: Sendable, Equatable {
        /// Nil for a camera that was given up.
        var owner: String?
        /// The claim's epoch.
        var revision: UInt64
    }

    private(set) var claims: [String: Claim] = [:]
    /// Whether every entry has been shown at least once.
    private(set) var isComplete = false
    /// The last sign that the watch works; nil before it is first asked for.
    private var sign: Duration?

    mutating func begin(at now: Duration) { sign = now }
    mutating func catchUp() { isComplete = true }
    mutating func pulse(at now: Duration) { sign = now }
    mutating func expectWatch(at now: Duration) { sign = now }

    /// Takes an entry unless a later one is known.
    mutating func set(_ camera: String, owner: String?, revision: UInt64) {
        guard claims[camera].map({ $0.revision < revision }) ?? true else { return }
        claims[camera] = Claim(owner: owner, revision: revision)
    }

    /// Whether the watch has been silent for so long that it may have died.
    func isStale(at now: Duration, patience: Duration) -> Bool { sign.map { now - $0 >= patience } ?? true }
}
