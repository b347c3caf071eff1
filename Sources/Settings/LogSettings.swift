package import Logging

/// The log.
package struct LogSettings: Sendable, Equatable {
    package enum Format: String, Sendable, CaseIterable {
        /// Lines for people.
        case text
        /// One JSON object per line.
        case json
    }

    /// The lowest level that is written.
    package var level = Logger.Level.info
    package var format = Format.text
}
