import EventFeed
import HTTP
package import Text

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

    /// - Parameter line: the event, as the event socket sends it.
    package func run(_ line: JSONLine) -> Outcome {
        guard let message = try? FeedMessage(parsing: line.text),
            let record = WebhookRecord(message, line: line.text),
            let sender = WebhookSender(settings, version: version)
        else { return Outcome(isAccepted: false, text: "cannot be sent: libcurl cannot be set up") }
        let request = WebhookRequest(record, picture: nil, template: settings.template)
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
}
