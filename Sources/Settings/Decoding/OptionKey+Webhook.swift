import ConfigurationText
import EventFeed
import Text
import WebhookFeed

extension OptionKey {
    /// Patterns of names; none pass all.
    static func globs(_ name: String, _ target: WritableKeyPath<Section, [Glob]>, example: String) -> OptionKey {
        let rule = TextRules.line(limit: Glob.maxLength)
        let list = OptionKey<[String]>.texts(name, \.self, example: example, minimum: 1, rule)
        return OptionKey(name: name, isSingleValue: false, schema: list.schema) { node, path, section, context in
            var texts: [String] = []
            guard let shown = list.read(node, path, &texts, &context) else { return nil }
            guard texts.count <= Subscription.maxPatterns else {
                let message = "\(path) has \(texts.count) patterns, more than \(Subscription.maxPatterns)"
                context.report(node.place, message, remedy: "use * in fewer patterns")
                return nil
            }
            section[keyPath: target] = texts.map { Glob($0) }
            return shown
        } show: {
            let texts = $0[keyPath: target].map(\.text)
            return texts.isEmpty ? "all" : texts.joined(separator: ", ")
        } json: {
            $0[keyPath: target].isEmpty ? nil : .array($0[keyPath: target].map { .string($0.text) })
        }
    }
}

extension OptionKey<WebhookSettings> {
    /// The receiver. All but its scheme and host is a secret.
    static var webhookURL: OptionKey {
        let schema = JSONSchema.pattern("^https?://")
        return OptionKey(name: "url", schema: schema) { node, path, section, context in
            let scalar = context.text(
                of: node,
                path: path,
                example: "https://ntfy.sh/${TOPIC}",
                isURL: true,
                TextRules.webURL
            )
            guard let scalar else { return nil }
            context.keepSecret(scalar.text)
            section.url = scalar.text
            return section.place
        } show: {
            $0.url.isEmpty ? "none" : $0.place
        } json: { _ in
            nil
        }
    }

    /// Which records are sent.
    static var webhookEvents: OptionKey {
        let words = WebhookSettings.Moment.allCases.map(\.rawValue)
        let list = OptionKey<[String]>.texts("events", \.self, example: "started, ended", minimum: 1, TextRules.label)
        let schema = JSONSchema.list(of: JSONSchema.choice(words), minimum: 1)
        return OptionKey(name: "events", isSingleValue: false, schema: schema) { node, path, section, context in
            var texts: [String] = []
            guard let shown = list.read(node, path, &texts, &context), case .sequence(let elements) = node.content
            else { return nil }
            let before = context.diagnostics.count
            for (element, text) in zip(elements, texts) where !words.contains(text) {
                let remedy = SpellingSuggestion.remedy(for: text, among: words, noun: "choices")
                context.report(element.place, "\(path) has an unknown kind of record", remedy: remedy)
            }
            guard context.diagnostics.count == before else { return nil }
            section.events = Set(texts.compactMap(WebhookSettings.Moment.init(rawValue:)))
            return shown
        } show: { section in
            Self.names(section).joined(separator: ", ")
        } json: { section in
            .array(Self.names(section).map { .string($0) })
        }
    }

    private static func names(_ section: WebhookSettings) -> [String] {
        WebhookSettings.Moment.allCases.filter(section.events.contains).map(\.rawValue)
    }

    /// The body.
    static var webhookTemplate: OptionKey {
        OptionKey(name: "template", schema: JSONSchema.text(limit: 16_384)) { node, path, section, context in
            let scalar = context.scalar(of: node, path: path, noun: "a template", example: "ntfy")
            guard let scalar else { return nil }
            do throws(WebhookTemplate.Fault) {
                guard scalar.text.utf8.count <= 16_384 else {
                    throw WebhookTemplate.Fault(message: "is longer than 16384 bytes", remedy: "shorten it")
                }
                section.template = try WebhookTemplate(scalar.text)
            } catch {
                context.report(node.place, "\(path) \(error.message)", remedy: error.remedy)
                return nil
            }
            return scalar.display.escapingControlCharacters()
        } show: {
            $0.template.description.escapingControlCharacters()
        }
    }
}

extension TextRules {
    /// The address of a web server.
    static func webURL(_ text: String) -> TextFault? {
        if let fault = line(limit: 4096)(text) { return fault }
        guard let end = text.firstRange(of: "://")?.upperBound,
            ["http://", "https://"].contains(text[..<end].lowercased()), !text.contains(where: \.isWhitespace),
            text[end...].prefix(while: { !"/?#".contains($0) }).split(separator: "@").last?.isEmpty == false
        else {
            let remedy = "write it like https://ntfy.sh/TOPIC"
            return TextFault(message: "is not the address of a web server", remedy: remedy)
        }
        return nil
    }

    /// A key as Standard Webhooks have it.
    static func webhookSecret(_ text: String) -> TextFault? {
        guard WebhookSecret(text) == nil else { return nil }
        return TextFault(
            message: "is not whsec_ and 24 to 64 bytes in Base64",
            remedy: "make one: echo whsec_$(head -c 32 /dev/urandom | base64)"
        )
    }
}
