import MQTTFeed
import Text

extension OptionKey {
    /// A text without a default.
    static func optional(
        _ name: String,
        _ target: WritableKeyPath<Section, String?>,
        example: String,
        _ rule: @escaping TextRule
    ) -> OptionKey {
        OptionKey(name: name, schema: JSONSchema.text(limit: 4096)) { node, path, section, context in
            guard let scalar = context.text(of: node, path: path, example: example, rule) else { return nil }
            section[keyPath: target] = scalar.text
            return scalar.display
        } show: {
            $0[keyPath: target] ?? "none"
        } json: {
            $0[keyPath: target].map { .string($0) }
        }
    }

    /// A text that is never shown, even if it is written in the file.
    static func secret(
        _ name: String,
        _ target: WritableKeyPath<Section, String?>,
        example: String,
        _ rule: @escaping TextRule
    ) -> OptionKey {
        OptionKey(name: name, schema: JSONSchema.text(limit: 4096)) { node, path, section, context in
            guard let scalar = context.secret(of: node, path: path, example: example, rule) else { return nil }
            section[keyPath: target] = scalar.text
            return Redaction.stand
        } show: {
            $0[keyPath: target] == nil ? "none" : Redaction.stand
        } json: { _ in
            nil
        }
    }
}

extension OptionKey<MQTTSettings> {
    /// The prefix of the discovery topics, or `off`.
    static var discovery: OptionKey {
        OptionKey(name: "discovery", schema: JSONSchema.text(limit: 200)) { node, path, section, context in
            let rule: TextRule = { OffWord.isOff($0) ? nil : TextRules.topicPrefix($0) }
            guard let scalar = context.text(of: node, path: path, example: "homeassistant", rule) else { return nil }
            guard !OffWord.isOff(scalar.text) else {
                section.discovery = nil
                return "off"
            }
            section.discovery = scalar.text
            return scalar.display
        } show: {
            $0.discovery ?? "off"
        }
    }
}

extension TextRules {
    /// The address of a broker, without credentials.
    static func mqttURL(_ text: String) -> TextFault? {
        guard !text.contains("@") else {
            let remedy = "move them to username: and password:, as ${MQTT_PASSWORD}"
            return TextFault(message: "holds a user name or a password", remedy: remedy)
        }
        guard MQTTAddress(text) == nil else { return nil }
        let remedy = "write it like mqtt://broker.local:1883 or mqtts://broker.local"
        return TextFault(message: "is not the address of an MQTT broker", remedy: remedy)
    }

    /// A prefix of topics: levels of a-z, A-Z, 0-9, _ and -, separated by slashes.
    static func topicPrefix(_ text: String) -> TextFault? {
        guard !OffWord.isBoolean(text) else {
            let remedy = "write the prefix out, such as watchword or homeassistant"
            return TextFault(message: "is a word that YAML reads as true or false, and no topic prefix", remedy: remedy)
        }
        let levels = text.split(separator: "/", omittingEmptySubsequences: false)
        let isGood = levels.allSatisfy { level in
            !level.isEmpty && level.utf8.allSatisfy { isWordByteOfAnyCase($0) || $0 == UInt8(ascii: "-") }
        }
        if isGood, text.utf8.count <= 200 { return nil }
        return TextFault(
            message: "is not a valid topic prefix",
            remedy: "use levels of a-z, A-Z, 0-9, _ and -, separated by /, such as home/watchword"
        )
    }
}
