import Fleet
import MQTTFeed
import Text
import WebhookFeed
import XCLIP

/// The JSON Schema of `watchword.yaml`, for editors, made of the declarations that the decoder reads by.
package enum ConfigurationSchema {
    /// The schema as JSON on several lines, without a line feed at the end.
    package static var text: String { schema.text() }

    static var schema: JSONValue {
        let root = JSONSchema.mapping(
            [
                section("model", "The recogniser.", Schema.model, ModelSettings()),
                section("events", "The socket that clients read events from.", Schema.events, EventSettings()),
                section("log", "The log.", Schema.log, LogSettings()),
                section(
                    "http",
                    "The live page and the HTTP API. They are served only if this section is present.",
                    Schema.http,
                    HTTPSettings()
                ),
                section(
                    "mqtt",
                    "The broker that receives events. Without this section there is none.",
                    Schema.mqtt,
                    MQTTSettings()
                ),
                member("webhooks", "Servers that receive events over HTTP.", webhooks),
                section(
                    "fleet",
                    "This host's place among many that share out the streams. Without this section it watches alone.",
                    Schema.fleet,
                    FleetSettings()
                ),
                section(
                    "defaults",
                    "Settings for all streams. A stream may set any of these keys itself.",
                    Schema.stream,
                    .init()
                ),
                member("streams", "What to watch: at least one, unless the fleet has them.", streams),
            ]
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
            .init(key: "anyOf", value: [["required": ["streams"]], ["required": ["fleet"]]]),
            // Keys that only hold anchors for merge keys.
            .init(key: "patternProperties", value: ["^x-": [:]]),
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

    private static var webhooks: JSONValue {
        let webhook = JSONSchema.mapping(
            Schema.webhook.map { key in
                key.property(defaults: Schema.webhookRequired.contains(key.name) ? nil : WebhookSettings())
            },
            required: Schema.webhookRequired
        )
        return ["anyOf": [["type": "null"], JSONSchema.list(of: webhook, maximum: ConfigurationDecoder.webhookLimit)]]
    }

    private static var streams: JSONValue {
        let own = [
            member(
                "name",
                "The name in events, topics and metrics: a-z, 0-9, _ and -.",
                JSONSchema.identifier(hyphens: true)
            ),
            member(
                "url",
                "The source: a URL, a device, a file or a test source.",
                JSONSchema.pattern("^[/.]|^[^:/ ]+:")
            ),
            member(
                "labels",
                "What to look for, in words, and signals such as signal:frozen. Default: the signals that are reliable.",
                labels
            ),
            member(
                "input",
                "What to request from a capture device.",
                JSONSchema.mapping(Schema.input.map { $0.property() }, orNothing: true)
            ),
        ]
        let options = (Schema.stream + Schema.ofModel).map { $0.property() }
        let stream = JSONSchema.mapping(own + options, required: ["name", "url"])
        return JSONSchema.list(of: stream, minimum: 1, maximum: ConfigurationDecoder.streamLimit)
    }

    private static var labels: JSONValue {
        let text = JSONSchema.text(limit: 1000)
        let own = [
            member(
                "name",
                "The name in events: a-z, 0-9 and _. Default: the first text.",
                JSONSchema.identifier(hyphens: false)
            ),
            member(
                "text",
                "The text that the model scores, a list of texts for the same thing, or a signal.",
                ["anyOf": [text, JSONSchema.list(of: text, minimum: 1, maximum: LabelDecoder.textLimit)]]
            ),
            Schema.combination.property(defaults: .mean),
            member(
                "against",
                "Texts of what is easily taken for this label. They take score from this label alone.",
                JSONSchema.list(of: text, maximum: LabelDecoder.textLimit)
            ),
            member(
                "examples",
                "Two or more clips that show the label. Paths are relative to this file's directory.",
                JSONSchema.list(
                    of: JSONSchema.text(limit: 4096),
                    minimum: LabelDecoder.examples.lowerBound,
                    maximum: LabelDecoder.examples.upperBound
                )
            ),
        ]
        let label = JSONSchema.mapping(own + Schema.rules.map { $0.property() }, required: ["text"])
        return JSONSchema.list(of: ["anyOf": [text, label]], minimum: 1, maximum: LabelDecoder.limit)
    }
}
