package import Capture
package import Events
package import Frames
package import HTTP
package import MediaClock
package import Recognition
import System
package import XCLIP

/// The options that `defaults:` sets for all streams and that a stream may set itself. The initial values are the built-in
/// defaults.
package struct StreamOptions: Sendable, Equatable {
    /// The length of time that the model looks at.
    package var window = Duration.seconds(5)
    /// The frames of a window; nil for as many as the model was trained for. Set for all streams by `model.frames`.
    package internal(set) var frames: Int?
    /// How the vision encoder multiplies between exact passes.
    package var precision = PrecisionChoice.auto
    /// A decision is made every this many sampled frames.
    package var hop = 1
    package var reuse = ReuseLevel.cached
    package var scoring = Scoring.independent
    /// Divides a logit's lead over the background before the sigmoid.
    package var temperature = 1.0
    /// The scene gate, in levels of 0…255: a picture is not encoded if every part of it differs from the last encoded one by
    /// less than this. 0 encodes all pictures.
    package var gate = 2.0
    /// A picture is encoded at least this often, even if the gate finds no difference.
    package var gateRefresh = Duration.seconds(30)
    /// Whether the exact pass decides if another level's score is close to a threshold.
    package var confirm = true
    /// The share of the other levels' decisions, chosen at random, that the exact pass checks.
    package var audit = 0.005
    /// Texts of a scene with nothing of note. Every label is measured against them, together with `background`.
    package var neutral = NeutralBackground.texts
    /// The number of texts in the model's own neutral list. No key sets it: the model's thresholds were chosen for it.
    package internal(set) var neutralSize = NeutralBackground.texts.count
    /// Texts of what this camera ordinarily shows.
    package var background: [String] = []
    /// When a score starts and ends an event. Labels may set each part themselves.
    package var rules = EventRules(
        threshold: 0.6,
        release: 0.4,
        minDuration: .seconds(1),
        hold: .seconds(2),
        cooldown: .seconds(10)
    )
    /// The model's own thresholds of single texts. No key of the configuration sets them.
    package var textThresholds: [TextThreshold] = []
    /// The part of the upright picture to look at; nil for the whole picture.
    package var crop: Region?
    /// The parts of the upright picture that are painted out, before the crop.
    package var masks: [Region] = []
    /// How much of the picture, or of its crop, the model sees.
    package var view = PictureView.square
    /// When the stream is watched.
    package var active = ActiveHours.always
    /// How long connecting and identifying the source's contents may take.
    package var openTimeout = Duration.seconds(10)
    /// How long a source may deliver no video before it is opened again.
    package var stallTimeout = Duration.seconds(10)
    /// How long the picture may be frozen before the stream is reported degraded. Zero never reports it.
    package var frozenAfter = Duration.seconds(60)
    /// The transport of RTSP's media.
    package var transport = SourceOptions.Transport.auto
    /// The number of the video track, from 1; 0 for the largest.
    package var track = 0
    /// Where the source is read.
    package var capture = CaptureMode.process
    /// The clock that places a live source's pictures in time.
    package var clock = SourceClock.auto
    /// How often a still picture over HTTP is asked for. Zero asks only if the source turns out to be one.
    package var poll = Duration.zero
    /// Headers of the requests over HTTP.
    package var headers: [HTTPHeader] = []
    /// How the server of an rtsps or https source is verified.
    package var tls = SourceOptions.TLS()

    package init() {}
}
