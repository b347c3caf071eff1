package import Logging

/// Passes swift-log's entries to the sink: `level subsystem [stream] message key=value`.
package struct DaemonLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let subsystem: String
    private let sink: LogSink
    private var ownLevel: Logger.Level?

    /// - Parameter subsystem: the logger's label, such as `capture`.
    package init(subsystem: String, sink: LogSink) {
        self.subsystem = subsystem
        self.sink = sink
    }

    /// The sink's level, which a reload may change, until this logger gets its own.
    package var logLevel: Logger.Level {
        get { ownLevel ?? sink.level }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var values = metadata
        values.merge(metadataProvider?.get() ?? [:]) { $1 }
        values.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error {
            values["error"] = "\(error)"
        }
        let subject = LogSubject(
            level: event.level,
            subsystem: subsystem,
            stream: values.removeValue(forKey: "stream").map { "\($0)" },
            message: "\(event.message)"
        )
        let details = values.sorted { $0.key < $1.key }.map { LogEntry.Detail(key: $0.key, value: "\($0.value)") }
        sink.write(LogEntry(subject: subject, details: details))
    }
}

extension DaemonLogHandler {
    /// Sends all of swift-log to the sink. To be called once, before the first logger is made.
    package static func bootstrap(_ sink: LogSink) {
        LoggingSystem.bootstrap { DaemonLogHandler(subsystem: $0, sink: sink) }
    }
}
