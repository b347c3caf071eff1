extension Configuration {
    /// The changed keys that are read only at the start of the daemon.
    package func changesNeedingRestart(since other: Configuration) -> [String] {
        let (new, old) = (events, other.events)
        let differs: [(String, Bool)] = [
            ("events.socket", new.socket != old.socket), ("events.journal", new.journal != old.journal),
            ("events.keep", new.keep != old.keep), ("events.keep_size", new.keepSize != old.keepSize),
            ("events.history", new.history != old.history), ("events.group", new.group != old.group),
            ("events.pictures", new.pictureSettings != old.pictureSettings),
            ("http", http != other.http),
            ("mqtt", mqtt != other.mqtt), ("fleet", fleet != other.fleet),
        ]
        return differs.filter(\.1).map(\.0)
    }
}
