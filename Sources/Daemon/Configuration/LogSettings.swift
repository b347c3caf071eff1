public import Logging

/// What is logged.
public struct LogSettings: Sendable, Equatable {
    public enum Format: String, Sendable, CaseIterable {
        /// A line for people.
        case text
        /// A JSON object a line.
        case json
    }

    /// The lowest level that is written.
    public var level = Logger.Level.info
    public var format = Format.text
}
