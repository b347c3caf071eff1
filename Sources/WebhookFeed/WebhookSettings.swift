package import EventFeed
package import HTTP

/// The operator's settings for one webhook.
package struct WebhookSettings: Sendable, Equatable {
    /// What a record says.
    package enum Moment: String, Sendable, CaseIterable {
        case started, updated, ended
        /// The state of a stream.
        case health
    }

    /// Names it in the log, the metrics and the mark's file.
    package var name = ""
    /// http or https. All of it is a secret but the host: others put tokens into the path.
    package var url = ""
    package var events: Set<Moment> = [.started, .ended]
    /// A record passes if any of the patterns matches its stream; empty passes all.
    package var streams: [Glob] = []
    /// An event passes if any of the patterns matches its label; empty passes all.
    package var labels: [Glob] = []
    package var template = WebhookTemplate.json
    package var headers: [HTTPHeader] = []
    /// Signs the requests, as `whsec_` and the key in Base64; nil for no signature.
    package var secret: String?
    /// Whether the event's picture goes along.
    package var hasPicture = false
    /// A PEM file of the authorities to trust; nil for the system's.
    package var ca: String?

    package init() {}

    /// Whether the receiver wants the record.
    func takes(_ record: WebhookRecord) -> Bool {
        guard record.moment.map(events.contains) == true,
            streams.isEmpty || streams.contains(where: { $0.matches(record.stream) })
        else { return false }
        guard let label = record.label else { return true }
        return labels.isEmpty || labels.contains { $0.matches(label) }
    }

    /// The URL up to its host, for people: `https://hooks.slack.com/***`.
    package var place: String {
        guard let scheme = url.firstRange(of: "://") else { return "***" }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return "\(url[..<scheme.upperBound])\(host)/***"
    }
}

/// Printing the settings shows no secret.
extension WebhookSettings: CustomStringConvertible, CustomReflectable {
    package var description: String { "webhook \(name) at \(place)" }
    package var customMirror: Mirror { Mirror(self, children: ["name": name, "url": place]) }
}
