import ConfigurationText
import WebhookFeed

extension ConfigurationDecoder {
    /// The most webhooks: each has a thread.
    static let webhookLimit = 16

    /// Reads the webhooks; none if there is no such section.
    mutating func webhooks(_ root: SourceNode, _ events: EventSettings) -> [WebhookSettings] {
        guard let entry = root.entry("webhooks"), !entry.value.isNull else { return [] }
        guard case .sequence(let nodes) = entry.value.content else {
            let remedy = "write it like [{name: phone, url: …}]"
            context.report(entry.value.place, "webhooks must be a list, not \(entry.value.kind)", remedy: remedy)
            return []
        }
        guard nodes.count <= Self.webhookLimit else {
            let message = "there are \(nodes.count) webhooks, more than \(Self.webhookLimit)"
            context.report(entry.value.place, message, remedy: "have one receiver pass the events on")
            return []
        }
        var places: [String: Place] = [:]
        return nodes.enumerated().map { index, node in
            webhook(node, number: index + 1, hasPictures: events.pictures != nil, &places)
        }
    }

    /// - Parameter places: of the names so far.
    private mutating func webhook(
        _ node: SourceNode,
        number: Int,
        hasPictures: Bool,
        _ places: inout [String: Place]
    ) -> WebhookSettings {
        var section = SourcedSection(WebhookSettings())
        guard case .mapping = node.content else {
            let message = "webhooks[\(number)] must be a mapping, not \(node.kind)"
            context.report(node.place, message, remedy: "write it like {name: phone, url: …}")
            return section.value
        }
        let name = node.entry("name").flatMap { entry -> String? in
            guard case .scalar(let text, _) = entry.value.content, TextRules.identifier(hyphens: true)(text) == nil
            else {
                return nil
            }
            return text
        }
        let path = name.map { "webhooks.\($0)" } ?? "webhooks[\(number)]"
        let set = context.read(node, into: &section, Schema.webhook, path: path)
        for key in Schema.webhookRequired where !set.contains(key) {
            let example = key == "name" ? "name: phone" : "url: https://ntfy.sh/TOPIC"
            context.report(node.place, "\(path) has no \(key)", remedy: "add \(example)")
        }
        if name == nil, !section.failed.contains("name"), let place = section.places["name"] {
            context.report(place, "\(path).name holds a reference", remedy: "write the name out: it is not a secret")
        }
        if let name, let place = section.places["name"] {
            if let first = places[name] {
                let message = "the webhook name \"\(name)\" is already used at \(first)"
                context.report(place, message, remedy: "give each webhook its own name")
            }
            places[name] = place
        }
        check(section, path: path, hasPictures: hasPictures)
        add(section.settings(Schema.webhook.filter { $0.name != "name" }, path: path))
        return section.value
    }

    private mutating func check(_ section: SourcedSection<WebhookSettings>, path: String, hasPictures: Bool) {
        let settings = section.value
        if settings.hasPicture, let place = section.places["picture"] {
            if !hasPictures {
                let message =
                    context.isShared
                    ? "\(path).picture is set, and pictures stay with the host that made them"
                    : "\(path).picture needs pictures, and none are kept"
                let remedy = context.isShared ? "remove it" : "set events.pictures to a directory, or remove it"
                context.report(place, message, remedy: remedy)
            } else if settings.template == .slack {
                let message = "\(path).picture is set, and Slack takes none from a webhook"
                context.report(place, message, remedy: "remove it, or use another template")
            }
        }
        if settings.ca != nil, let place = section.places["ca"], !section.failed.contains("url"),
            settings.url.lowercased().hasPrefix("http://")
        {
            context.report(place, "\(path).ca is for TLS, which its url does not use", remedy: "write https://")
        }
    }
}
