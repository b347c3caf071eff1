import Foundation

/// `watchword run` with a broker.
enum MQTTDaemon {
    /// A stream whose label begins and ends an event each second with the tiny model: its colours swap twice a second.
    static func stream(_ name: String, labels: String = "[{name: one, text: one thing}, something else]") -> String {
        let swap = "drawbox=color=0x0080FF:t=fill:enable='gte(mod(t,1),0.5)'"
        return """
              - name: \(name)
                url: "lavfi:color=0xFF8000:size=160x120:rate=50,\(swap)"
                open_timeout: 600s
                stall_timeout: 600s
                window: 400ms
                gate: 0
                confirm: false
                threshold: 0.25
                release: 0.2
                min_duration: 0s
                hold: 0s
                cooldown: 0s
                labels: \(labels)

            """
    }

    /// The section of a broker, for after the streams.
    static func section(_ port: UInt16, _ more: String..., scheme: String = "mqtt", host: String = "127.0.0.1")
        -> String
    {
        (["url: \(scheme)://\(host):\(port)"] + more).reduce("mqtt:\n") { $0 + "  \($1)\n" }
    }

    static func with<Result>(
        _ configuration: String,
        environment: [String: String?] = [:],
        in directory: TemporaryDirectory,
        _ body: (ChildProcess) async throws -> Result
    ) async throws -> Result {
        let journal = ["WATCHWORD_EVENTS_JOURNAL": directory("events.sqlite")]
        return try await DaemonProcess.with(
            configuration,
            environment: environment.merging(journal) { $1 },
            in: directory,
            body
        )
    }
}
