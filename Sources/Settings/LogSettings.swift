package import Logging

/// What is logged.
package struct LogSettings: Sendable, Equatable {
    package enum Format: String, Sendable, CaseIterable {
        /// A line for people.
        case text
        /// A JSON object a line.
        case json
    }

    /// The lowest level that is written.
    package var level = Logger.Level.info
    package var format = Format.text
}
