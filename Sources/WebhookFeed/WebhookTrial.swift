import EventFeed
import HTTP
import System
import Text

/// Sends one made-up event to a webhook: the work of `watchword webhook test`.
package struct WebhookTrial {
    private let settings: WebhookSettings
    private let version: String

    package init(_ settings: WebhookSettings, version: String) {
        self.settings = settings
        self.version = version
    }

    /// The result of a trial.
    package struct Outcome {
        package let isAccepted: Bool
        /// What the receiver answered, for people.
        package let text: String
    }

    /// - Parameter picture: a JPEG, which goes along if the webhook wants pictures.
    package func run(picture: [UInt8]?) -> Outcome {
        let line = Self.event
        guard let message = try? FeedMessage(parsing: line.text),
            let record = WebhookRecord(message, line: line.text),
            let sender = WebhookSender(settings, version: version)
        else { return Outcome(isAccepted: false, text: "cannot be sent: libcurl cannot be set up") }
        let sent = settings.hasPicture ? picture : nil
        let request = WebhookRequest(record, picture: sent, template: settings.template)
        do throws(HTTPTransfer.Failure) {
            let status = try sender.send(request, id: record.value["id"]?.string ?? "test") { false }.status
            switch WebhookVerdict(status: status, retryAfter: nil) {
            case .delivered: return Outcome(isAccepted: true, text: "answers \(status)")
            case .refused(let reason), .later(let reason, _, _): return Outcome(isAccepted: false, text: reason)
            case .cancelled: return Outcome(isAccepted: false, text: "was cancelled")
            }
        } catch {
            guard case .later(let reason, _, _) = WebhookVerdict(error) else {
                return Outcome(isAccepted: false, text: "was cancelled")
            }
            return Outcome(isAccepted: false, text: reason)
        }
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
