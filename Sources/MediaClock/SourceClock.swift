/// The clock that places a live stream's pictures in time.
package enum SourceClock: String, Sendable, CaseIterable {
    /// The source's own, unless it has none or does not keep pace with the arrival of its pictures.
    case auto
    /// The source's own time stamps.
    case source
    /// When the pictures arrive.
    case arrival
}
