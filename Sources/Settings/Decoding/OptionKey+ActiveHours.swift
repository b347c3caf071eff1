import ConfigurationText
import Foundation
import Text

extension OptionKey {
    /// `always`, a span of the day, or a list of spans.
    static func activeHours(_ name: String, _ target: WritableKeyPath<Section, ActiveHours>) -> OptionKey {
        let span = JSONSchema.spanReference
        let schema: JSONValue = [
            "anyOf": [
                ["enum": .array([.string(ActiveHours.always.description)])], span,
                JSONSchema.list(of: span, minimum: 1, maximum: ActiveHours.limit),
            ]
        ]
        return OptionKey(name: name, isSingleValue: false, schema: schema) { node, path, section, context in
            guard let hours = context.activeHours(of: node, path: path) else { return nil }
            section[keyPath: target] = hours
            return hours.description
        } show: {
            $0[keyPath: target].description
        }
    }
}

extension OptionKey<ActiveHours.Span> {
    /// A time of day to the minute.
    static func dayTime(_ name: String, _ target: WritableKeyPath<Section, DayTime>) -> OptionKey {
        OptionKey(
            name: name,
            schema: JSONSchema.pattern(#"^([01]?[0-9]|2[0-3]):[0-5][0-9]$|^24:00$"#)
        ) { node, path, section, context in
            let scalar = context.scalar(of: node, path: path, noun: "a time of day", example: "07:30")
            guard let scalar else { return nil }
            guard let time = DayTime(scalar.text) else {
                let message = "\(path) is \(scalar.quoted), which is not a time of day"
                context.report(node.place, message, remedy: "write it like 07:30, from 00:00 to 24:00")
                return nil
            }
            section[keyPath: target] = time
            return scalar.display
        } show: {
            $0[keyPath: target].description
        }
    }

    /// The days on which a span begins.
    static var days: OptionKey {
        let names = Weekday.allCases.map(\.rawValue)
        let list = OptionKey<[String]>.texts("days", \.self, example: "mon, tue, wed", minimum: 1, TextRules.label)
        let schema = JSONSchema.list(of: JSONSchema.choice(names), minimum: 1)
        return OptionKey(name: "days", isSingleValue: false, schema: schema) { node, path, section, context in
            var texts: [String] = []
            guard let shown = list.read(node, path, &texts, &context),
                case .sequence(let elements) = node.content
            else { return nil }
            let before = context.diagnostics.count
            for (element, text) in zip(elements, texts) where Weekday(rawValue: text) == nil {
                let remedy = SpellingSuggestion.remedy(for: text, among: names, noun: "days")
                context.report(element.place, "\(path) has an unknown day", remedy: remedy)
            }
            guard context.diagnostics.count == before else { return nil }
            section.days = Set(texts.compactMap(Weekday.init(rawValue:)))
            return shown
        } show: { span in
            names.filter { Weekday(rawValue: $0).map(span.days.contains) ?? false }.joined(separator: ", ")
        } json: { _ in
            nil
        }
    }

    /// The time zone of a span, by its IANA name.
    static var timeZone: OptionKey {
        OptionKey(name: "timezone", schema: JSONSchema.text(limit: 100)) { node, path, section, context in
            let rule = TextRules.line(limit: 100)
            guard let scalar = context.text(of: node, path: path, example: "Europe/Berlin", rule) else { return nil }
            guard let zone = TimeZone(identifier: scalar.text) else {
                let near = SpellingSuggestion.nearest(to: scalar.text, among: TimeZone.knownTimeZoneIdentifiers)
                let remedy = near.map { "did you mean \"\($0)\"?" } ?? "write it like Europe/Berlin or UTC"
                context.report(node.place, "\(path) is \(scalar.quoted), which is not a time zone", remedy: remedy)
                return nil
            }
            section.timeZone = zone
            return scalar.display
        } show: {
            $0.timeZone?.identifier ?? "the system's"
        } json: { _ in
            nil
        }
    }
}

extension DecodingContext {
    fileprivate mutating func activeHours(of node: SourceNode, path: String) -> ActiveHours? {
        switch node.content {
        case .scalar("always", _): return .always
        case .mapping: return span(of: node, path: path).map { ActiveHours([$0]) }
        case .sequence(let elements) where !elements.isEmpty:
            guard elements.count <= ActiveHours.limit else {
                let message = "\(path) has \(elements.count) spans, more than \(ActiveHours.limit)"
                report(node.place, message, remedy: "remove some")
                return nil
            }
            let spans = elements.enumerated().map { span(of: $1, path: "\(path)[\($0 + 1)]") }
            guard !spans.contains(nil) else { return nil }
            return ActiveHours(spans.compactMap(\.self))
        case .sequence, .scalar:
            let problem = node.isNull ? "has no value" : "must be always, a span of time or a list of spans"
            report(node.place, "\(path) \(problem)", remedy: "write it like \(ActiveHours.example)")
            return nil
        }
    }

    private mutating func span(of node: SourceNode, path: String) -> ActiveHours.Span? {
        guard case .mapping(let entries) = node.content, !entries.isEmpty else {
            report(node.place, "\(path) must be a span of time", remedy: "write it like \(ActiveHours.example)")
            return nil
        }
        let before = diagnostics.count
        var section = SourcedSection(ActiveHours.Span())
        read(node, into: &section, Schema.span, path: path)
        guard diagnostics.count == before else { return nil }
        let span = section.value
        guard span.from != span.to, span.from != .endOfDay else {
            let message = "\(path) has no length: from \(span.from) to \(span.to)"
            report(section.places["from"] ?? node.place, message, remedy: "for whole days, leave out from and to")
            return nil
        }
        return span
    }
}

extension ActiveHours {
    static let limit = 64
    static let example = "{from: \"07:00\", to: \"19:30\", days: [mon, tue]}"
}
