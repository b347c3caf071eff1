internal import System

/// The clock that a source's deadlines and its pace go by: the monotonic one, or a test's.
struct WaitClock: Sendable {
    var now: @Sendable () -> Duration = { MonotonicTime.now }
    /// Blocks the calling thread.
    var sleep: @Sendable (Duration) -> Void = { MonotonicTime.sleep(for: $0) }
}
