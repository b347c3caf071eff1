/// Why an event ended.
package enum EndReason: String, Sendable, CaseIterable {
    /// The score stayed below the release for the hold.
    case belowRelease = "below_release"
    /// The stream was lost.
    case sourceLost = "source_lost"
    /// The stream's active hours ended.
    case inactive
    /// The stream or the label was removed from the configuration, or its settings changed.
    case configChanged = "config_changed"
    /// The daemon stopped.
    case shutdown
    /// The daemon crashed while the event was open; it closed the event after its restart.
    case crashRecovered = "crash_recovered"
    /// Another host of the fleet has taken the camera over.
    case moved
    /// The host that watched the camera was lost; the host that took the camera over closed the event.
    case ownerLost = "owner_lost"

    /// How long a source may be gone before its events end as lost.
    package static let patience = Duration.seconds(10)
}
