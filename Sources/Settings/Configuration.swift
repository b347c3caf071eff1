package import MQTTFeed
import Recognition
import System
package import XCLIP

/// What the daemon does, as the operator wrote it down: `watchword.yaml` with defaults and environment applied, checked.
///
/// To find what a reload changed, compare `model`, `events`, `log`, `http` and the streams one by one: `settings` also differs
/// when a line has only moved.
package struct Configuration: Sendable, Equatable {
    package var model: ModelSettings
    package var events: EventSettings
    package var log: LogSettings
    /// The live page and the HTTP API; nil where they are not served.
    package var http: HTTPSettings?
    /// Nil for no broker.
    package var mqtt: MQTTSettings?
    package var streams: [StreamConfiguration]
    /// Every value in force and where it comes from, for `check`.
    package var settings: [EffectiveSetting]
    /// What `${NAME}` expanded to: to be registered with the log's redaction before anything is logged.
    package var secrets: Secrets

    /// What `check` prints: one line a value, such as `streams.door.window = 5s   (watchword.yaml:14)`.
    package var report: [String] { settings.map(\.description) }
}

/// The recogniser's model.
package struct ModelSettings: Sendable, Equatable {
    /// `embedded`, a directory with a Hugging Face X-CLIP checkpoint, or the name of a pulled one.
    package var path = "embedded"
    /// The reuse level of every stream that sets none itself.
    package var reuse = ReuseLevel.cached
}

/// The event socket.
package struct EventSettings: Sendable, Equatable {
    package var socket = "/run/watchword/events.sock"
    /// The journal's file; nil for none.
    package var journal: String?
    /// Records in the journal that are older than this are dropped.
    package var keep = Duration.seconds(30 * 86_400)
    /// The oldest records are dropped while the journal has more bytes than this.
    package var keepSize: Int64 = 1_000_000_000
    /// How many records are kept in memory for a client that asks for `since`.
    package var history = 10_000
    /// The group that may connect.
    package var group = "watchword"
    /// The directory that pictures of events go into; nil for none.
    package var pictures: String?
    /// The oldest pictures are removed while all have more bytes than this.
    package var picturesSize: Int64 = 2_000_000_000
    /// What a clip shows of the time before its event's start.
    package var clipBefore = Duration.seconds(5)
    /// And of the time from there on; zero for no clips.
    package var clipAfter = Duration.zero
}
