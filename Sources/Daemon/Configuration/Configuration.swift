public import MQTTFeed
public import Recognition

/// What the daemon does, as the operator wrote it down: `watchword.yaml` with defaults and environment applied, checked.
///
/// To find what a reload changed, compare `model`, `events`, `log`, `http` and the streams one by one: `settings` also differs
/// when a line has only moved.
public struct Configuration: Sendable, Equatable {
    public var model: ModelSettings
    public var events: EventSettings
    public var log: LogSettings
    /// The live page and the HTTP API; nil where they are not served.
    public var http: HTTPSettings?
    /// Nil for no broker.
    public var mqtt: MQTTSettings?
    public var streams: [StreamConfiguration]
    /// Every value in force and where it comes from, for `check`.
    public var settings: [EffectiveSetting]
    /// What `${NAME}` expanded to: to be registered with the log's redaction before anything is logged.
    public var secrets: Secrets

    /// What `check` prints: one line a value, such as `streams.door.window = 5s   (watchword.yaml:14)`.
    public var report: [String] { settings.map(\.description) }
}

/// The recogniser's model.
public struct ModelSettings: Sendable, Equatable {
    /// `embedded`, a directory with a Hugging Face X-CLIP checkpoint, or the name of a pulled one.
    public var path = "embedded"
    /// The reuse level of every stream that sets none itself.
    public var reuse = ReuseLevel.cached
}

/// The event socket.
public struct EventSettings: Sendable, Equatable {
    public var socket = "/run/watchword/events.sock"
    /// The journal's file; nil for none.
    public var journal: String?
    /// Records in the journal that are older than this are dropped.
    public var keep = Duration.seconds(30 * 86_400)
    /// The oldest records are dropped while the journal has more bytes than this.
    public var keepSize: Int64 = 1_000_000_000
    /// How many records are kept in memory for a client that asks for `since`.
    public var history = 10_000
    /// The group that may connect.
    public var group = "watchword"
    /// The directory that pictures of events go into; nil for none.
    public var pictures: String?
    /// The oldest pictures are removed while all have more bytes than this.
    public var picturesSize: Int64 = 2_000_000_000
    /// What a clip shows of the time before its event's start.
    public var clipBefore = Duration.seconds(5)
    /// And of the time from there on; zero for no clips.
    public var clipAfter = Duration.zero
}
