import Capture
import Events
import Fleet
import Frames
import MQTTFeed
import MediaClock
import System
import WebhookFeed
import XCLIP
import Text

/// Every key: its kind, range, place and meaning, in the order of `check` and of the JSON Schema. Defaults are the initial
/// values of the sections' types. The streams' own keys (name, url, labels, input) are read by `StreamDecoder`.
enum Schema {
    static var model: [OptionKey<ModelSettings>] {
        [
            .text("path", \.path, example: "embedded", TextRules.line(limit: 4096))
                .meaning("`embedded`, a directory with a Hugging Face X-CLIP checkpoint, or the name of a pulled one."),
            .frames.meaning(
                "The frames of a window: `trained`, as many as the model was trained for, or 2 to 128. For another number, the model's positions are interpolated."
            ),
            .choice("precision", \.precision).meaning(precisionMeaning),
            .choice("reuse", \.reuse).meaning(reuseMeaning),
        ]
    }

    private static let precisionMeaning =
        "How `cached` and `sweep` multiply: `int8` in 8-bit integers, `float32` in floats. `auto` uses int8 if the processor has instructions for it. The published model always uses floats."
    private static let reuseMeaning =
        "`cached` encodes each frame once. `sweep` also updates the earlier frames. `exact` runs the published model at each step."

    static var events: [OptionKey<EventSettings>] {
        [
            .text("socket", \.socket, example: "/run/watchword/events.sock", TextRules.socketPath)
                .meaning("The path of the socket that clients read events from."),
            .path("journal", \.journal, example: "/var/lib/watchword/events.sqlite")
                .meaning("The file that keeps every record across restarts, or `none`."),
            .duration("keep", \.keep, .seconds(60) ... .seconds(3650 * 86_400))
                .meaning("Older records are dropped from the journal."),
            .size("keep_size", \.keepSize, 1_000_000...1_000_000_000_000)
                .meaning("The oldest records are dropped while the journal is larger than this."),
            .integer("history", \.history, 100...1_000_000, example: "10000")
                .meaning("How many records are kept in memory."),
            .text("group", \.group, example: "watchword", TextRules.groupName)
                .meaning("The group that may connect."),
            .path("pictures", \.pictures, example: "/var/lib/watchword/pictures")
                .meaning("A directory for each event's strip of pictures, kept as long as the records; or `none`."),
            .size("pictures_size", \.picturesSize, 1_000_000...1_000_000_000_000)
                .meaning("The oldest pictures and clips are removed while all together are larger than this."),
            .duration("clip_after", \.clipAfter, .zero ... .seconds(300))
                .meaning("With `pictures`: how much video a clip has after its event's start. `0s` keeps no clips."),
            .duration("clip_before", \.clipBefore, .zero ... .seconds(60))
                .meaning("How much video a clip has before its event's start, at least."),
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
                .meaning(
                    "The token that clients must show: ${NAME}, never the token itself. Required beyond loopback."
                ),
            .path("token_file", \.tokenFile, example: "/etc/watchword/http.token")
                .meaning("The file with the token, or `none`."),
            .texts("hosts", \.hosts, example: "watchword.example.net", TextRules.hostName)
                .meaning(
                    "Further names by which clients may call the server. Its addresses and this machine's name are always accepted."
                ),
            .urlPath("path", \.path)
                .meaning(
                    "The path below which a reverse proxy serves the page. Requests may come with it or without it."
                ),
            .texts("frame_ancestors", \.frameAncestors, example: "https://ha.example.net", TextRules.origin)
                .meaning("The origins whose pages may show this page in a frame, such as Home Assistant's."),
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
                .meaning("A PEM file of the certificates to trust. Default: the system's."),
            .path("client_cert", \.clientCertificate, example: "/etc/watchword/client.pem")
                .meaning("A PEM file of the client's certificate, for brokers that ask for one."),
            .path("client_key", \.clientKey, example: "/etc/watchword/client.key")
                .meaning("A PEM file of that certificate's key, without a passphrase."),
            .optional("client_id", \.clientID, example: "watchword", TextRules.line(limit: 128))
                .meaning(
                    "The name by which the broker knows this client. Default: a name that stays the same as long as the journal exists."
                ),
            .text("topic", \.topic, example: "watchword", TextRules.topicPrefix)
                .meaning("The prefix of all topics. Each daemon needs its own."),
            .discovery.meaning("The prefix of Home Assistant's discovery topics, or `off`."),
            .integer("qos", \.qos, 0...2, example: "1")
                .meaning("The quality of service of published messages."),
        ]
    }

    /// `model:` of the fleet's own configuration.
    static var fleetModel: [OptionKey<FleetModel>] {
        [
            .optional("digest", \.digest, example: "9f86d081…", TextRules.line(limit: 128))
                .meaning("The digest of the hosts' model, as `fleet status --json` shows it. Others take no cameras.")
        ]
    }

    static var fleet: [OptionKey<FleetSettings>] {
        [
            .texts("servers", \.servers, example: "tls://a.local:4222", minimum: 1, TextRules.natsServer)
                .meaning("The fleet's NATS servers: tls://host:4222, or nats://host:4222 without TLS."),
            .path("ca", \.ca, example: "/etc/watchword/fleet-ca.pem")
                .meaning("A PEM file of the certificates to trust. Default: the system's."),
            .path("client_cert", \.clientCertificate, example: "/etc/watchword/fleet.pem")
                .meaning("A PEM file of this host's certificate, for servers that ask for one."),
            .path("client_key", \.clientKey, example: "/etc/watchword/fleet.key")
                .meaning("A PEM file of that certificate's key, without a passphrase."),
            .optional("user", \.user, example: "node-7", TextRules.line(limit: 1000))
                .meaning("The user to sign in as."),
            .secret("password", \.password, example: "${FLEET_PASSWORD}", TextRules.line(limit: 4096))
                .meaning("That user's password, as ${FLEET_PASSWORD} from a credential."),
            .path("credentials", \.credentials, example: "/etc/watchword/fleet.creds")
                .meaning("Instead of a user: the file with a JWT and its seed, as nsc writes it."),
            .optional("nkey", \.nkey, example: "UDXU4RCS…", TextRules.line(limit: 1000))
                .meaning("Instead of a user: this host's public NKey."),
            .path("nkey_seed", \.nkeySeed, example: "/etc/watchword/fleet.nk")
                .meaning("The file with the NKey's seed."),
            .fleetHost.meaning("This host's name in the fleet, which no other host has. Default: the machine's name."),
            .capacity.meaning(
                "The frames per second that this host recognises at most, or `measured`, as many as it measures."
            ),
            .choice("rhythm", \.pace)
                .meaning(
                    "`quick` notices a lost host after 2 s instead of 4 s, for networks without hiccups. The same on each host."
                ),
        ]
    }

    /// The keys of each of `webhooks:`.
    static var webhook: [OptionKey<WebhookSettings>] {
        [
            .text(
                "name",
                \.name,
                example: "phone",
                schema: JSONSchema.identifier(hyphens: true),
                TextRules.identifier(hyphens: true)
            )
            .meaning("The name in the log, the metrics and `watchword webhook test`: a-z, 0-9, _ and -."),
            .webhookURL.meaning("Where requests go: https://… or http://…. Only its host is ever shown."),
            .webhookEvents.meaning(
                "The records to send: `started`, `updated` and `ended` events, and `health` for the state of streams."
            ),
            .globs("streams", \.streams, example: "door*")
                .meaning("Only records of streams that match one of these patterns. Default: all."),
            .globs("labels", \.labels, example: "fall")
                .meaning("Only events of labels that match one of these patterns. Default: all."),
            .webhookTemplate
                .meaning(
                    "The body: `json`, as on the event socket, `ntfy`, `slack`, or a text with {{label}} and the like."
                ),
            .headers("headers", \.headers).meaning("Further headers of the requests. Their values are never shown."),
            .secret("secret", \.secret, example: "${WEBHOOK_SECRET}", TextRules.webhookSecret)
                .meaning("Signs the requests as Standard Webhooks do: whsec_ and 24 to 64 random bytes in Base64."),
            .choice("picture", \.hasPicture.word)
                .meaning("Whether the event's picture goes along. Needs `events.pictures`."),
            .path("ca", \.ca, example: "/etc/watchword/ca.pem")
                .meaning("A PEM file of the certificates to trust. Default: the system's."),
        ]
    }

    static let webhookRequired = ["name", "url"]

    /// The keys of `defaults:` and of every stream.
    static var stream: [OptionKey<StreamOptions>] { recognition + rules.map { $0.within(\.rules) } + source }

    private static var recognition: [OptionKey<StreamOptions>] {
        [
            .duration("window", \.window, .milliseconds(100) ... .seconds(3600))
                .meaning("The length of time that the model looks at."),
            .integer("hop", \.hop, 1...1024, example: "1")
                .meaning("Make a decision every this many sampled frames."),
            .choice("scoring", \.scoring)
                .meaning(
                    "`independent` scores each label against the background texts. `exclusive` shares a score of 1 among the labels."
                ),
            .number("temperature", \.temperature, 0.001...1000, example: "1.0")
                .meaning("Divides a label's lead before it becomes a score. Higher values make scores milder."),
            .number("gate", \.gate, 0...255, example: "2")
                .meaning(
                    "A picture is not encoded if every part of it differs from the last encoded one by less than this. 0 encodes all."
                ),
            .duration("gate_refresh", \.gateRefresh, .milliseconds(100) ... .seconds(86_400))
                .meaning("A picture is encoded at least this often."),
            .choice("confirm", \.confirm.word)
                .meaning("Unless `exact`: the published model decides when a score is close to a threshold."),
            .number("audit", \.audit, 0...1, example: "0.005")
                .meaning("Unless `exact`: the share of decisions, chosen at random, that the published model checks."),
            .texts("neutral", \.neutral, example: "nothing happens", minimum: 1, TextRules.label)
                .meaning("Texts that every label is measured against, together with `background`."),
            .texts("background", \.background, example: "an empty yard", TextRules.label)
                .meaning(
                    "What the camera ordinarily shows. A text that applies takes score from the labels; no text raises one."
                ),
        ]
    }

    private static var source: [OptionKey<StreamOptions>] {
        [
            .region("crop", \.crop)
                .meaning(
                    "The part of the upright picture to look at, in fractions of it. `none` is the whole picture."
                ),
            .regions("masks", \.masks, limit: 64)
                .meaning(
                    "The parts of the upright picture that are painted grey, before the crop. Nothing there is seen."
                ),
            .choice("view", \.view)
                .meaning(
                    "How much of the picture, or of its crop, the model sees: the `square` in the middle, the `whole` squashed into a square, or two or three `tiles`, each at the cost of a stream."
                ),
            .activeHours("active", \.active)
                .meaning("When the stream is watched: `always`, a span of the day or a list of spans."),
            .duration("open_timeout", \.openTimeout, .milliseconds(100) ... .seconds(600))
                .meaning("How long opening a source may take."),
            .duration("stall_timeout", \.stallTimeout, .milliseconds(100) ... .seconds(600))
                .meaning("How long a source may deliver no video before it is opened again."),
            .duration("frozen_after", \.frozenAfter, .zero ... .seconds(86_400))
                .meaning(
                    "How long the picture may be frozen, but for a clock in it, before the stream is reported `degraded`. `0s` never reports it."
                ),
            .choice("transport", \.transport)
                .meaning("The transport of RTSP's media. `auto` is TCP, or UDP if the server offers no TCP."),
            .integer("track", \.track, 0...64, example: "2")
                .meaning("The number of the video track, if the source has several. `0` takes the largest picture."),
            .choice("capture", \.capture)
                .meaning(
                    "Where the source is read and decoded: in a `process` of its own that can do nothing else, or on a `thread` of the daemon."
                ),
            .choice("clock", \.clock)
                .meaning(
                    "What places a live source's pictures in time: its own time stamps (`source`) or their `arrival`. `auto` takes the stamps while they keep pace."
                ),
            .duration("poll", \.poll, .zero ... .seconds(86_400))
                .meaning(
                    "How often a still picture over HTTP is asked for. `0s` is every second if the source is one."
                ),
            .headers("headers", \.headers)
                .meaning("Further headers of the requests over HTTP. Their values are never shown."),
            .tls("tls", \.tls)
                .meaning("How the server of an rtsps or https source is verified."),
        ]
    }

    /// A stream's own `precision` and `reuse`, over those of `model:`.
    static var ofModel: [OptionKey<StreamOptions>] {
        [
            .choice("precision", \.precision).meaning(precisionMeaning),
            .choice("reuse", \.reuse).meaning(reuseMeaning),
        ]
    }

    /// The keys that labels may set as well.
    static var rules: [OptionKey<EventRules>] {
        [
            .threshold.meaning(
                "A score of at least this starts an event, or `auto`: learned from what the label scores here while nothing happens."
            ),
            .number("release", \.release, 0...1, example: "0.4")
                .meaning("A score below this ends the event. Must not exceed the threshold."),
            .duration("min_duration", \.minDuration, .zero ... .seconds(3600))
                .meaning("How long the score must stay at or above the threshold before the event starts."),
            .duration("hold", \.hold, .zero ... .seconds(3600))
                .meaning("How long the score must stay below the release before the event ends."),
            .duration("cooldown", \.cooldown, .zero ... .seconds(86_400))
                .meaning("How long after an event the same label starts no other."),
            .duration("merge_gap", \.mergeGap, .zero ... .seconds(3600))
                .meaning("If a new event would start within this long of the last end, the old event continues."),
        ]
    }

    static let streamOwn = ["name", "url", "labels", "input"]
    static let labelOwn = ["name", "text", "combine", "against", "examples"]

    /// How a label's texts are combined.
    static var combination: OptionKey<TextCombination> {
        .choice("combine", \.self).meaning(
            "How several texts make one score: by the `mean` of their embeddings, or by the text that fits best (`max`)."
        )
    }

    /// The keys of a stream's `input:`.
    static var input: [OptionKey<InputSettings>] {
        [
            .size.meaning("The size in pixels, such as 640x480."),
            .rate.meaning("The frames per second."),
            .format.meaning("libav's name of the pixel format or codec, such as mjpeg."),
        ]
    }

    /// The keys of `tls:`.
    static var tls: [OptionKey<SourceOptions.TLS>] {
        [
            .choice("verify", \.isVerified.word)
                .meaning("Whether the server's certificate must be valid for its name."),
            .path("ca", \.authorities, example: "/etc/watchword/camera-ca.pem")
                .meaning("A PEM file of the certificates to trust. Default: the system's."),
        ]
    }

    /// A part of the picture.
    static var region: [OptionKey<Region>] {
        [
            .number("x", \.x, 0...1, example: "0.25").meaning("The left edge."),
            .number("y", \.y, 0...1, example: "0.25").meaning("The upper edge."),
            .number("width", \.width, 0.001...1, example: "0.5").meaning("The width, at most 1 - x."),
            .number("height", \.height, 0.001...1, example: "0.5").meaning("The height, at most 1 - y."),
        ]
    }

    /// A span of the day.
    static var span: [OptionKey<ActiveHours.Span>] {
        [
            .dayTime("from", \.from).meaning("When the span begins, such as 07:00."),
            .dayTime("to", \.to).meaning(
                "When the span ends, such as 19:30 or 24:00. A time before `from` is on the next day."
            ),
            .days.meaning("The days on which the span begins. Default: every day."),
            .timeZone.meaning("The time zone, such as Europe/Berlin. Default: the system's."),
        ]
    }

    /// The sections and the keys in each, for the remedy if a key is in the wrong section.
    static var sections: [(name: String, keys: [String])] {
        [
            ("model", model.map(\.name)), ("events", events.map(\.name)), ("log", log.map(\.name)),
            ("http", http.map(\.name)),
            ("mqtt", mqtt.map(\.name)), ("webhooks", webhook.map(\.name)), ("fleet", fleet.map(\.name)),
            ("defaults", stream.map(\.name)), ("streams", streamOwn),
        ]
    }
}
