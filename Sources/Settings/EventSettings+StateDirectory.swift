extension EventSettings {
    /// What holds where the file says nothing: a journal where systemd gives the daemon a directory for its state
    /// (`StateDirectory=`), and none where it is run by hand.
    init(environment: [String: String]) {
        // Several directories are told apart by colons; the first is the daemon's own.
        let directory = environment["STATE_DIRECTORY"]?.split(separator: ":").first
        journal = directory.map { "\($0)/events.sqlite" }
    }
}
