package import Fleet
package import MQTTFeed
import Recognition
import System
package import WebhookFeed
package import XCLIP

/// The checked configuration: `watchword.yaml` with the defaults and the environment applied.
///
/// To find what a reload changed, compare `model`, `events`, `log`, `http`, `mqtt`, `webhooks`, `fleet` and the streams one
/// by one: `settings` also differs if a line has only moved.
package struct Configuration: Sendable, Equatable {
    package var model: ModelSettings
    package var events: EventSettings
    package var log: LogSettings
    /// The live page and the HTTP API; nil if they are not served.
    package var http: HTTPSettings?
    /// The broker; nil for none.
    package var mqtt: MQTTSettings?
    package var webhooks: [WebhookSettings]
    /// This host's place in a fleet; nil for a host alone.
    package var fleet: FleetSettings?
    /// The streams that this host alone watches, and always.
    package var streams: [StreamConfiguration]
    /// The fleet's streams, of which each host watches those that it has claimed. None in a host's own file.
    package var fleetStreams: [StreamConfiguration] = []
    /// The receivers of the records of all the fleet's cameras, which one host serves. None in a host's own file.
    package var fleetMQTT: MQTTSettings?
    package var fleetWebhooks: [WebhookSettings] = []
    /// The model that the fleet's configuration is made for; nil for any.
    package var fleetModel: String?
    /// Every value in force and its source, for `check`.
    var settings: [EffectiveSetting]
    /// The values of `${NAME}`. Register them with the log's redaction before anything is logged.
    package var secrets: Secrets

    /// What the model is loaded in: with int8 if a stream may be scored in it.
    package var loadedPrecision: PrecisionChoice {
        var wanted = (streams + fleetStreams).map(\.options.precision)
        // A fleet's streams come later.
        if wanted.isEmpty || fleet != nil { wanted.append(model.precision) }
        return wanted.contains(.int8) ? .int8 : wanted.contains(.auto) ? .auto : .float32
    }

    /// The output of `check`: a line for each value, such as `streams.door.window = 5s   (watchword.yaml:14)`.
    package var report: [String] { settings.map(\.description) }
}

/// The recogniser's model.
package struct ModelSettings: Sendable, Equatable {
    /// `embedded`, a directory with a Hugging Face X-CLIP checkpoint, or the name of a pulled model.
    package var path = "embedded"
    /// The frames of a window; nil for as many as the model was trained for.
    package var frames: Int?
    /// How the vision encoder multiplies between exact passes, for streams that do not set their own.
    package var precision = PrecisionChoice.auto
    /// The reuse level of streams that do not set their own.
    package var reuse = ReuseLevel.cached
}

/// The event socket.
package struct EventSettings: Sendable, Equatable {
    package var socket = "/run/watchword/events.sock"
    /// The journal's file; nil for no journal.
    package var journal: String?
    /// Older records are dropped from the journal.
    package var keep = Duration.seconds(30 * 86_400)
    /// The oldest records are dropped while the journal is larger than this, in bytes.
    package var keepSize: Int64 = 1_000_000_000
    /// The number of records kept in memory for clients that ask for `since`.
    package var history = 10_000
    /// The group that may connect.
    package var group = "watchword"
    /// The directory for pictures of events; nil for no pictures.
    package var pictures: String?
    /// The oldest pictures and clips are removed while all together are larger than this, in bytes.
    var picturesSize: Int64 = 2_000_000_000
    /// The least time that a clip has before its event's start.
    package var clipBefore = Duration.seconds(5)
    /// The time that a clip has after its event's start; zero for no clips.
    package var clipAfter = Duration.zero
}
