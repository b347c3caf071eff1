package import Settings
import System
package import Text
import WebhookFeed

/// Sends a made-up event to the configured webhooks: the work of `watchword webhook test`.
package struct WebhookTesting {
    private let webhooks: [WebhookSettings]
    private let redaction: Redaction
    private let version: String

    /// - Parameters:
    ///   - configuration: with the webhooks.
    ///   - name: of the only one to test; nil for all.
    ///   - version: the program's.
    /// - Throws: `OperationError` if there is none.
    package init(_ configuration: Configuration, name: String?, version: String) throws(OperationError) {
        webhooks = configuration.webhooks.filter { name == nil || $0.name == name }
        redaction = Redaction(secrets: configuration.secrets.values)
        self.version = version
        guard webhooks.isEmpty else { return }
        guard let name, !configuration.webhooks.isEmpty else {
            throw OperationError("there are no webhooks: add webhooks: [{name: phone, url: …}] to the configuration")
        }
        let names = configuration.webhooks.map(\.name).joined(separator: ", ")
        throw OperationError("there is no webhook \"\(name)\": the configuration has \(names)")
    }

    /// Tests one after the other.
    ///
    /// - Parameter print: takes a line for each.
    /// - Returns: whether all accepted the event.
    package func run(_ print: (String) throws -> Void) rethrows -> Bool {
        var isGood = true
        for webhook in webhooks {
            let outcome = WebhookTrial(webhook, version: version).run(Self.event)
            try print(redaction.redact("\(webhook.name) \(outcome.text)"))
            isGood = isGood && outcome.isAccepted
        }
        return isGood
    }

    /// The start of an event on no stream, which says so.
    private static var event: JSONLine {
        let now = WallClock.now
        var line = JSONLine(type: "event")
        line.add("seq", 0)
        line.add("id", "test-\(RandomIdentifier.make())")
        line.add("state", "started")
        line.add("stream", "watchword")
        line.add("label", "test")
        line.add("text", "this is a test")
        line.add("score", 1.0)
        line.add("top_score", 1.0)
        line.add("threshold", 0.5)
        line.add("start_time", now)
        line.add("end_time", String?.none)
        line.add("duration", Double?.none)
        line.add("end_reason", String?.none)
        line.add("window_seconds", 5)
        line.add("model", "test")
        line.add("confirmed", true)
        line.add("time", now)
        return line
    }
}
