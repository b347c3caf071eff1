package import Events
package import Frames
package import Recognition
import System
package import XCLIP

/// What `defaults:` sets for all streams and every stream may set again.
package struct StreamOptions: Sendable, Equatable {
    /// The stretch of time the model looks at.
    package var window = Duration.seconds(5)
    /// A decision is made at every so many sampled frames.
    package var hop = 1
    package var reuse = ReuseLevel.cached
    package var scoring = Scoring.independent
    /// What a logit's lead over the background is divided by before the sigmoid.
    package var temperature = 1.0
    /// The scene gate: a picture whose every part differs from the last encoded one by less than this, in levels of
    /// 0…255, is not encoded; 0 encodes all.
    package var gate = 2.0
    /// How often a picture is encoded all the same.
    package var gateRefresh = Duration.seconds(30)
    /// Whether the exact pass decides where another level's score stands close to a threshold.
    package var confirm = true
    /// The share of the other levels' decisions that the exact pass checks at random.
    package var audit = 0.005
    /// What every label is measured against, beside `background`: texts of a scene in which nothing of note is seen.
    package var neutral = NeutralBackground.texts
    /// Texts of what is ordinarily seen by this camera.
    package var background: [String] = []
    /// When a score makes an event; labels may set each part again.
    package var rules = EventRules(
        threshold: 0.6,
        release: 0.4,
        minDuration: .seconds(1),
        hold: .seconds(2),
        cooldown: .seconds(10)
    )
    /// What is looked at of the upright picture; nil for all of it.
    package var crop: Region?
    /// What is painted out of it.
    package var masks: [Region] = []
    /// When the stream is watched at all.
    package var active = ActiveHours.always
    /// How long connecting may take, and finding what the source holds.
    package var openTimeout = Duration.seconds(10)
    /// How long a source may deliver no video before it is opened anew.
    package var stallTimeout = Duration.seconds(10)
    /// How long pictures may be the same to the last bit before the stream is reported frozen; zero for ever.
    package var frozenAfter = Duration.seconds(60)
    package var transport = Transport.tcp

    package init() {}
}

/// What carries RTSP's media.
package enum Transport: String, Sendable, CaseIterable {
    case tcp
    case udp
}
