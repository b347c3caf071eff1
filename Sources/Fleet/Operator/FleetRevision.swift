package import Text

/// A revision of the fleet's configuration.
package struct FleetRevision: Sendable, Equatable {
    /// Its sequence in the bucket. Revisions grow, and not by one.
    package var number: UInt64
    /// YAML.
    package var text: String
    /// The version of the program that wrote it; nil if another program did.
    package var version: String?
    /// When it was written, by the engine's clock.
    package var time: UTCTime?

    /// Nil for another message, and for one that removes the configuration.
    init?(_ message: StoredMessage) {
        guard message.subject == FleetSubjects.configuration, !message.isRemoved else { return nil }
        number = message.sequence
        text = String(decoding: message.payload, as: UTF8.self)
        version = message.headers[EngineMessage.Header.version]
        time = message.time
    }

    /// `revision 12 of 2026-11-28T23:30:08.123Z, written by watchword 0.1.0`
    package var title: String {
        var title = "revision \(number)"
        if let time { title += " of \(time)" }
        if let version { title += ", written by watchword \(version)" }
        return title
    }
}
