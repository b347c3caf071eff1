import Capture
import ConfigurationText
import HTTP
import Text

extension OptionKey {
    /// Headers of HTTP requests, as a mapping of names to values. The values are never shown.
    static func headers(_ name: String, _ target: WritableKeyPath<Section, [HTTPHeader]>) -> OptionKey {
        let example = "{X-Api-Key: \"${KEY}\"}"
        return OptionKey(name: name, isSingleValue: false, schema: JSONSchema.headers) { node, path, section, context in
            guard case .mapping(let entries) = node.content else {
                let kind = node.isNull ? "has no value" : "must be a mapping, not \(node.kind)"
                context.report(node.place, "\(path) \(kind)", remedy: "write it like \(example)")
                return nil
            }
            let before = context.diagnostics.count
            var headers: [HTTPHeader] = []
            for entry in entries {
                if let fault = TextRules.headerName(entry.key) {
                    context.report(entry.keyPlace, "\(path) has a name that \(fault.message)", remedy: fault.remedy)
                }
                let rule = TextRules.line(limit: 4096)
                let value = context.text(of: entry.value, path: "\(path).\(entry.key)", example: "${KEY}", rule)
                guard let value else { continue }
                context.keepSecret(value.text)
                headers.append(HTTPHeader(entry.key, value.text))
            }
            guard context.diagnostics.count == before else { return nil }
            section[keyPath: target] = headers
            return Self.text(headers)
        } show: {
            Self.text($0[keyPath: target])
        } json: {
            $0[keyPath: target].isEmpty ? [:] : nil
        }
    }

    private static func text(_ headers: [HTTPHeader]) -> String {
        headers.isEmpty ? "none" : headers.map(\.description).joined(separator: ", ")
    }

    /// How a server is verified: `{verify: …, ca: …}`.
    static func tls(_ name: String, _ target: WritableKeyPath<Section, SourceOptions.TLS>) -> OptionKey {
        OptionKey(name: name, isSingleValue: false, schema: JSONSchema.tls) { node, path, section, context in
            let before = context.diagnostics.count
            var part = SourcedSection(section[keyPath: target])
            context.read(node, into: &part, Schema.tls, path: path)
            guard context.diagnostics.count == before else { return nil }
            section[keyPath: target] = part.value
            return part.value.text
        } show: {
            $0[keyPath: target].text
        } json: { _ in
            nil
        }
    }
}

extension SourceOptions.TLS {
    fileprivate var text: String {
        isVerified ? "verified" + (authorities.map { " by \($0)" } ?? "") : "not verified"
    }
}

extension TextRules {
    /// The name of an HTTP header (RFC 9110, section 5.1).
    static func headerName(_ text: String) -> TextFault? {
        let others = Set("!#$%&'*+-.^_`|~".utf8)
        let isToken =
            !text.isEmpty && text.utf8.count <= 100
            && text.utf8.allSatisfy { isWordByteOfAnyCase($0) || others.contains($0) }
        return isToken
            ? nil
            : TextFault(message: "is not the name of a header", remedy: "use letters, digits and -, as in X-Api-Key")
    }
}

extension JSONSchema {
    fileprivate static var headers: JSONValue {
        ["type": "object", "additionalProperties": ["type": ["string", "number", "boolean"], "maxLength": 4096]]
    }

    fileprivate static var tls: JSONValue {
        mapping(Schema.tls.map { $0.property() }, orNothing: true)
    }
}
