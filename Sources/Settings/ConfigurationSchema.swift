import MQTTFeed
import Text

/// The JSON Schema of `watchword.yaml`, for editors: made of the same declarations that the decoder reads by.
package enum ConfigurationSchema {
    /// The schema as JSON over several lines, without a line feed at its end.
    package static var text: String { schema.text() }

    static var schema: JSONValue {
        let root = JSONSchema.mapping(
            [
                section("model", "The recogniser.", Schema.model, ModelSettings()),
                section("events", "The socket that events are read from.", Schema.events, EventSettings()),
                section("log", "What is logged.", Schema.log, LogSettings()),
                section("http", "The live page and the HTTP API, where set.", Schema.http, HTTPSettings()),
                section("mqtt", "The broker that events go to; none unless it is there.", Schema.mqtt, MQTTSettings()),
                section("defaults", "What holds for every stream that does not say otherwise.", Schema.stream, .init()),
                member("streams", "What to watch: at least one.", streams),
            ],
            required: ["streams"]
        )
        let definitions: JSONValue = [
            "reference": JSONSchema.referenceDefinition,
            "region": JSONSchema.mapping(Schema.region.map { $0.property() }, required: Schema.region.map(\.name)),
            "span": JSONSchema.mapping(Schema.span.map { $0.property(defaults: ActiveHours.Span()) }),
        ]
        return root.preceded(by: [
            .init(key: "$schema", value: "http://json-schema.org/draft-07/schema#"),
            .init(key: "title", value: "Watchword's configuration"),
            .init(key: "definitions", value: definitions),
        ])
    }

    private static func section<Section>(
        _ name: String,
        _ meaning: String,
        _ keys: [OptionKey<Section>],
        _ defaults: Section
    ) -> JSONValue.Member {
        member(name, meaning, JSONSchema.mapping(keys.map { $0.property(defaults: defaults) }, orNothing: true))
    }

    private static func member(_ name: String, _ meaning: String, _ schema: JSONValue) -> JSONValue.Member {
        .init(key: name, value: schema.preceded(by: [.init(key: "description", value: .string(meaning))]))
    }

    private static var streams: JSONValue {
        let own = [
            member(
                "name",
                "What events, topics and metrics call it: a-z, 0-9, _ and -.",
                JSONSchema.identifier(hyphens: true)
            ),
            member("url", "Where it comes from.", JSONSchema.pattern("^[/.]|^[^:/ ]+:")),
            member("labels", "What to look for, in words.", labels),
            member(
                "input",
                "What to ask of a capture device.",
                JSONSchema.mapping(Schema.input.map { $0.property() }, orNothing: true)
            ),
        ]
        let options = (Schema.stream + [Schema.reuse]).map { $0.property() }
        let stream = JSONSchema.mapping(own + options, required: ["name", "url", "labels"])
        return JSONSchema.list(of: stream, least: 1, most: ConfigurationDecoder.streamLimit)
    }

    private static var labels: JSONValue {
        let text = JSONSchema.text(limit: 1000)
        let own = [
            member("name", "What events call it: a-z, 0-9 and _.", JSONSchema.identifier(hyphens: false)),
            member("text", "What the model is asked.", text),
            member(
                "examples",
                "Clips that show it, two or more; paths count from this file's directory.",
                JSONSchema.list(
                    of: JSONSchema.text(limit: 4096),
                    least: LabelDecoder.examples.lowerBound,
                    most: LabelDecoder.examples.upperBound
                )
            ),
        ]
        let label = JSONSchema.mapping(own + Schema.rules.map { $0.property() }, required: ["text"])
        return JSONSchema.list(of: ["anyOf": [text, label]], least: 1, most: LabelDecoder.limit)
    }
}
