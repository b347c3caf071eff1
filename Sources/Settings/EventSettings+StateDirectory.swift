extension EventSettings {
    /// The defaults: a journal in the state directory that systemd gives the service (`StateDirectory=`), and no journal if
    /// the daemon is run by hand.
    init(environment: [String: String]) {
        // Colons separate several directories. The first is the daemon's own.
        let directory = environment["STATE_DIRECTORY"]?.split(separator: ":").first
        journal = directory.map { "\($0)/events.sqlite" }
    }
}
