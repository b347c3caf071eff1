public import Logging

/// What is logged.
public struct LogSettings: Sendable, Equatable {
    /// The lowest level that is written.
    public var level = Logger.Level.info
}
