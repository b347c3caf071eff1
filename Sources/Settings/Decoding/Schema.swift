import Events
import Frames
import MQTTFeed
import System

/// Every key there is, its kind, range, place and meaning. The streams' own keys (name, url, labels, input) are read by
/// `StreamDecoder`.
enum Schema {
    static var model: [OptionKey<ModelSettings>] {
        [
            .text("path", \.path, example: "embedded", TextRules.line(limit: 4096))
                .meaning("`embedded`, a directory with a Hugging Face X-CLIP checkpoint, or the name of a pulled one."),
            .choice("reuse", \.reuse)
                .meaning(
                    "`cached` encodes each frame once, `sweep` also brings the frames before up to it, `exact` encodes all at each step."
                ),
        ]
    }

    static var events: [OptionKey<EventSettings>] {
        [
            .text("socket", \.socket, example: "/run/watchword/events.sock", TextRules.socketPath)
                .meaning("The path of the socket that events are read from."),
            .path("journal", \.journal, example: "/var/lib/watchword/events.sqlite")
                .meaning("The file that keeps every record over restarts, or `none`."),
            .duration("keep", \.keep, .seconds(60) ... .seconds(3650 * 86_400))
                .meaning("What is older is dropped from the journal: 1m to 3650d."),
            .size("keep_size", \.keepSize, 1_000_000...1_000_000_000_000)
                .meaning("The oldest records are dropped while the journal has more: 1MB to 1TB."),
            .integer("history", \.history, 100...1_000_000, example: "10000")
                .meaning("How many records are kept in memory."),
            .text("group", \.group, example: "watchword", TextRules.groupName)
                .meaning("The group that may connect."),
            .path("pictures", \.pictures, example: "/var/lib/watchword/pictures")
                .meaning("The directory for each event's strip of pictures, kept as long as records; or `none`."),
            .size("pictures_size", \.picturesSize, 1_000_000...1_000_000_000_000)
                .meaning("The oldest pictures and clips are removed while there are more: 1MB to 1TB."),
            .duration("clip_after", \.clipAfter, .zero ... .seconds(300))
                .meaning("With `pictures`: how much video after an event's start a clip has; `0s` for no clips."),
            .duration("clip_before", \.clipBefore, .zero ... .seconds(60))
                .meaning("How much of the video before the start a clip has at least: up to 1m."),
        ]
    }

    static var log: [OptionKey<LogSettings>] {
        [
            .choice("level", \.level).meaning("The lowest level that is written."),
            .choice("format", \.format).meaning("`text` for people, `json` for one object a line."),
        ]
    }

    static var http: [OptionKey<HTTPSettings>] {
        [
            .listenAddress("listen", \.listen)
                .meaning("The address and port of the live page and the HTTP API."),
            .secretByName("token", \.token, TextRules.token)
                .meaning("What clients must show: ${NAME}, never the token itself. Wanted beyond loopback."),
            .path("token_file", \.tokenFile, example: "/etc/watchword/http.token")
                .meaning("The file that holds the token, or `none`."),
            .texts("hosts", \.hosts, example: "watchword.example.net", TextRules.hostName)
                .meaning("Names by which clients may call the server, beside its addresses and this machine's name."),
        ]
    }

    static var mqtt: [OptionKey<MQTTSettings>] {
        [
            .optional("url", \.url, example: "mqtt://broker.local:1883", TextRules.mqttURL)
                .meaning("The broker: mqtt://host:1883, or mqtts://host:8883 for TLS."),
            .optional("username", \.username, example: "watchword", TextRules.line(limit: 1000))
                .meaning("The user to sign in as."),
            .secret("password", \.password, example: "${MQTT_PASSWORD}", TextRules.line(limit: 4096))
                .meaning("That user's password, as ${MQTT_PASSWORD} from a credential."),
            .path("ca", \.ca, example: "/etc/watchword/ca.pem")
                .meaning("A PEM file of the certificates to trust; those of the system unless given."),
            .path("client_cert", \.clientCertificate, example: "/etc/watchword/client.pem")
                .meaning("A PEM file with the certificate that the broker wants of its clients."),
            .path("client_key", \.clientKey, example: "/etc/watchword/client.key")
                .meaning("A PEM file with that certificate's key, without a passphrase."),
            .optional("client_id", \.clientID, example: "watchword", TextRules.line(limit: 128))
                .meaning("The name that the broker knows this client by; one that stays the same unless given."),
            .text("topic", \.topic, example: "watchword", TextRules.topicPrefix)
                .meaning("What all topics begin with. Each daemon needs its own."),
            .discovery.meaning("What the topics of Home Assistant's discovery begin with, or `off`."),
            .integer("qos", \.qos, 0...2, example: "1")
                .meaning("The quality of service of what is published: 0, 1 or 2."),
        ]
    }

    /// What `defaults:` and every stream may set.
    static var stream: [OptionKey<StreamOptions>] { recognition + rules.map { $0.within(\.rules) } + source }

    private static var recognition: [OptionKey<StreamOptions>] {
        [
            .duration("window", \.window, .milliseconds(100) ... .seconds(3600))
                .meaning("The stretch of time the model looks at: 100ms to 1h."),
            .integer("hop", \.hop, 1...1024, example: "1")
                .meaning("Decide at every so many sampled frames."),
            .choice("scoring", \.scoring)
                .meaning("`independent`: each label against the background texts. `exclusive`: among the labels."),
            .number("temperature", \.temperature, 0.001...1000, example: "1.0")
                .meaning("Divides a label's lead before it becomes a score. More makes scores milder."),
            .number("gate", \.gate, 0...255, example: "2")
                .meaning("A picture that differs by less than this in every part is not encoded. 0 encodes all."),
            .duration("gate_refresh", \.gateRefresh, .milliseconds(100) ... .seconds(86_400))
                .meaning("How often a picture is encoded all the same: 100ms to 1d."),
            .choice("confirm", \.confirm.truth)
                .meaning("Unless `exact`: the published model decides where a score stands close to a threshold."),
            .number("audit", \.audit, 0...1, example: "0.005")
                .meaning("Unless `exact`: the share of decisions that the published model checks at random."),
            .texts("neutral", \.neutral, example: "nothing happens", least: 1, TextRules.label)
                .meaning("What every label is measured against, beside `background`."),
            .texts("background", \.background, example: "an empty yard", TextRules.label)
                .meaning("What that camera ordinarily shows: it takes score from the labels."),
        ]
    }

    private static var source: [OptionKey<StreamOptions>] {
        [
            .region("crop", \.crop)
                .meaning("What is looked at of the upright picture, in fractions of it; `none` for all of it."),
            .regions("masks", \.masks, most: 64)
                .meaning("What is painted grey in the upright picture, before the crop: nothing there is seen."),
            .activeHours("active", \.active)
                .meaning("When the stream is watched: `always`, a span of time or a list of spans."),
            .duration("open_timeout", \.openTimeout, .milliseconds(100) ... .seconds(600))
                .meaning("How long opening a source may take: 100ms to 10m."),
            .duration("stall_timeout", \.stallTimeout, .milliseconds(100) ... .seconds(600))
                .meaning("How long a source may deliver nothing before it is opened anew: 100ms to 10m."),
            .duration("frozen_after", \.frozenAfter, .zero ... .seconds(86_400))
                .meaning("How long pictures may be bit for bit the same before a stream is `degraded`; `0s` for ever."),
            .choice("transport", \.transport)
                .meaning("What carries RTSP's media."),
        ]
    }

    /// The stream's own word on what `model:` says for all.
    static var reuse: OptionKey<StreamOptions> {
        .choice("reuse", \.reuse).meaning("The model's reuse, for this stream.")
    }

    /// What labels may set as well.
    static var rules: [OptionKey<EventRules>] {
        [
            .number("threshold", \.threshold, 0...1, example: "0.6")
                .meaning("A score of at least this starts an event."),
            .number("release", \.release, 0...1, example: "0.4")
                .meaning("A score below this ends it. Not above the threshold."),
            .duration("min_duration", \.minDuration, .zero ... .seconds(3600))
                .meaning("How long the score must hold the threshold first: up to 1h."),
            .duration("hold", \.hold, .zero ... .seconds(3600))
                .meaning("How long the score must stay below the release before the event ends: up to 1h."),
            .duration("cooldown", \.cooldown, .zero ... .seconds(86_400))
                .meaning("How long after an event the same label starts no other: up to 1d."),
            .duration("merge_gap", \.mergeGap, .zero ... .seconds(3600))
                .meaning("What would start less than this after an end goes on with that event: up to 1h."),
        ]
    }

    static let streamOwn = ["name", "url", "labels", "input"]
    static let labelOwn = ["name", "text", "examples"]

    /// What a stream's `input:` may set.
    static var input: [OptionKey<InputSettings>] {
        [
            .size.meaning("The size in pixels, as 640x480."),
            .rate.meaning("Pictures a second."),
            .format.meaning("The pixel format or codec by libav's name, as mjpeg."),
        ]
    }

    /// A part of the picture.
    static var region: [OptionKey<Region>] {
        [
            .number("x", \.x, 0...1, example: "0.25").meaning("The left edge, from 0 to 1."),
            .number("y", \.y, 0...1, example: "0.25").meaning("The upper edge, from 0 to 1."),
            .number("width", \.width, 0.001...1, example: "0.5").meaning("The width, up to 1 less x."),
            .number("height", \.height, 0.001...1, example: "0.5").meaning("The height, up to 1 less y."),
        ]
    }

    /// A stretch of the day.
    static var span: [OptionKey<ActiveHours.Span>] {
        [
            .dayTime("from", \.from).meaning("When it begins, as 07:00."),
            .dayTime("to", \.to).meaning("When it ends, as 19:30 or 24:00; before `from`: on the next day."),
            .days.meaning("The days it begins on; every day unless given."),
            .timeZone.meaning("Whose clocks count, as Europe/Berlin; the system's unless given."),
        ]
    }

    /// The sections and the keys in each, for the remedy of a key in the wrong one.
    static var sections: [(name: String, keys: [String])] {
        [
            ("model", model.map(\.name)), ("events", events.map(\.name)), ("log", log.map(\.name)),
            ("http", http.map(\.name)),
            ("mqtt", mqtt.map(\.name)),
            ("defaults", stream.map(\.name)), ("streams", streamOwn),
        ]
    }
}
