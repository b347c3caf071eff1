import Capture
import MediaClock
import Signals

extension SourceSupervisor {
    /// A stream's source as the status shows it.
    struct Condition: Sendable {
        var health: HealthMonitor.Report?
        var source: SourceInfo?
        /// The clock in use, and why it is not the source's own.
        var clock: (basis: SourceClock, reason: String?)?
        var connections: Int
        var lastPicture: Duration?
        /// Of the newest picture.
        var signals: SignalScores
        /// Readers that hang and were abandoned.
        var abandoned: Int
        /// The process that reads the source; nil if a thread does, or none runs.
        var capture: CaptureState?
        /// How often such a process crashed, or was killed because it hung.
        var crashes: Int
    }

    /// The process that reads a source.
    struct CaptureState: Sendable, Equatable {
        var process: Int32
        /// What it is confined by, in words.
        var confinement: String
    }
}
