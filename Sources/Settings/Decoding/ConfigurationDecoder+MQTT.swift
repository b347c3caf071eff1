import ConfigurationText
import MQTTFeed

extension ConfigurationDecoder {
    /// Reads the section of the broker. Returns nil if there is none; `check` then shows only the missing URL.
    mutating func mqtt(_ root: SourceNode) -> MQTTSettings? {
        let before = settings.count
        let section = section("mqtt", Schema.mqtt, SourcedSection(MQTTSettings()), root)
        guard section.value.url != nil else {
            keepSettings(before + 1)
            if let place = section.places.values.min(), !section.failed.contains("url") {
                context.report(place, "mqtt has no url", remedy: "add url: mqtt://broker.local:1883, or remove mqtt:")
            }
            return nil
        }
        check(section)
        return section.value
    }

    private mutating func check(_ section: SourcedSection<MQTTSettings>) {
        let settings = section.value
        if settings.password != nil, settings.username == nil, let place = section.places["password"] {
            context.report(place, "mqtt.password is set without mqtt.username", remedy: "add mqtt.username")
        }
        for (key, other, isAlone) in [
            ("client_cert", "client_key", settings.clientCertificate != nil && settings.clientKey == nil),
            ("client_key", "client_cert", settings.clientKey != nil && settings.clientCertificate == nil),
        ] {
            guard isAlone, !section.failed.contains(other), let place = section.places[key] else { continue }
            context.report(place, "mqtt.\(key) is set without mqtt.\(other)", remedy: "set both or neither")
        }
        guard settings.address?.isTLS == false else { return }
        for key in ["ca", "client_cert", "client_key"] {
            guard let place = section.places[key], !section.failed.contains(key), section.shown[key] != "none" else {
                continue
            }
            context.report(place, "mqtt.\(key) is for TLS, which mqtt.url does not use", remedy: "write mqtts://")
        }
    }
}
