/// Why an event ended.
package enum EndReason: String, Sendable, CaseIterable {
    /// The score stood below the release for the hold.
    case belowRelease = "below_release"
    /// The stream went away.
    case sourceLost = "source_lost"
    /// The stream's active hours are over.
    case inactive
    /// The stream or the label is no longer configured, or configured otherwise.
    case configChanged = "config_changed"
    /// The daemon stops.
    case shutdown
    /// The daemon died with the event open; the next one closed it.
    case crashRecovered = "crash_recovered"
}
