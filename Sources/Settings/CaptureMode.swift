/// Where a source is opened, read and decoded.
package enum CaptureMode: String, Sendable, CaseIterable {
    /// In a process of its own that may do nothing else.
    case process
    /// On a thread of the daemon.
    case thread
}
