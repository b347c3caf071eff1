import Text

/// The parts of the configuration's JSON Schema, in draft 7, which editors support best. The schema may accept values that
/// the decoder refuses, never the reverse.
enum JSONSchema {
    /// A value with a `${NAME}` in it: its expansion is not known to an editor.
    static let referenceDefinition: JSONValue = ["type": "string", "pattern": #"\$\{"#]
    static let reference: JSONValue = ["$ref": "#/definitions/reference"]
    static let regionReference: JSONValue = ["$ref": "#/definitions/region"]
    static let spanReference: JSONValue = ["$ref": "#/definitions/span"]

    static func orReference(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, reference]] }

    /// Also YAML's false, for a key that has a word for off.
    static func orOff(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, ["const": false]]] }

    static let duration = pattern(#"^[0-9]+(\.[0-9]{1,9})?(ms|s|m|h|d)$"#)
    static let size = pattern(#"^[0-9]+(\.[0-9]+)? ?[kKMGT]?i?B$"#)

    /// A text of this form, or one with a reference in it.
    static func pattern(_ pattern: String) -> JSONValue {
        ["type": "string", "pattern": .string(#"(\#(pattern))|\$\{"#)]
    }

    /// YAML reads a text like `5` or `no` as a number or a boolean. The decoder keeps the text as written.
    static func text(limit: Int) -> JSONValue {
        ["type": ["string", "number", "boolean"], "minLength": 1, "maxLength": .integer(Int64(limit))]
    }

    /// A name that `TextRules.identifier` accepts.
    static func identifier(hyphens: Bool) -> JSONValue {
        let pattern = hyphens ? "^[a-z0-9_-]{1,64}$" : "^[a-z0-9_]{1,64}$"
        return ["type": ["string", "number", "boolean"], "pattern": .string(pattern)]
    }

    static func number(_ range: ClosedRange<Double>) -> JSONValue {
        orReference(["type": "number", "minimum": short(range.lowerBound), "maximum": short(range.upperBound)])
    }

    static func integer(_ range: ClosedRange<Int>) -> JSONValue {
        let (low, high) = (Int64(range.lowerBound), Int64(range.upperBound))
        return orReference(["type": "integer", "minimum": .integer(low), "maximum": .integer(high)])
    }

    static func choice(_ words: [String]) -> JSONValue {
        if Set(words) == Set(BooleanWord.allCases.map(\.rawValue)) { return orReference(["type": "boolean"]) }
        return orReference(["enum": .array(words.map { .string($0) })])
    }

    static func list(of element: JSONValue, minimum: Int = 0, maximum: Int? = nil) -> JSONValue {
        var members = [
            JSONValue.Member(key: "type", value: "array"), JSONValue.Member(key: "items", value: element),
        ]
        if minimum > 0 { members.append(JSONValue.Member(key: "minItems", value: .integer(Int64(minimum)))) }
        if let maximum { members.append(JSONValue.Member(key: "maxItems", value: .integer(Int64(maximum)))) }
        return .object(members)
    }

    /// A mapping with these properties and no others.
    ///
    /// - Parameter orNothing: whether the mapping may be empty, YAML's null.
    static func mapping(
        _ properties: [JSONValue.Member],
        required: [String] = [],
        orNothing: Bool = false
    ) -> JSONValue {
        var members = [
            JSONValue.Member(key: "type", value: orNothing ? ["object", "null"] : "object"),
            JSONValue.Member(key: "additionalProperties", value: false),
        ]
        if !required.isEmpty {
            members.append(JSONValue.Member(key: "required", value: .array(required.map { .string($0) })))
        }
        members.append(JSONValue.Member(key: "properties", value: .object(properties)))
        return .object(members)
    }

    /// `1` rather than `1.0`.
    static func short(_ value: Double) -> JSONValue {
        Int64(exactly: value).map { .integer($0) } ?? .number(value)
    }
}

extension JSONValue {
    /// The object with these members before its own.
    func preceded(by members: [Member]) -> JSONValue {
        guard case .object(let own) = self else { return self }
        return .object(members + own)
    }
}

extension OptionKey {
    /// The key as a property of its section: its description, its form, and its default if `defaults` is given.
    func property(defaults: Section? = nil) -> JSONValue.Member {
        var members = [JSONValue.Member(key: "description", value: .string(description))]
        if let value = defaults.flatMap(json) { members.append(JSONValue.Member(key: "default", value: value)) }
        return JSONValue.Member(key: name, value: schema.preceded(by: members))
    }
}
