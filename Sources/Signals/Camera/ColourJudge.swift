import Frames

/// Tells a camera that switches back from infra-red by its colours. Pure.
struct ColourJudge {
    /// As `SignalJudge` has it: where colours count as gone, and from where on they are reported to be.
    private static let colourless: Float = 1.5
    private static let reported: Float = 0.75
    private static let light: Float = 50
    private static let pulse = 2.0

    private var hadColours = 0
    private var scene = SameScene()
    private var isInfrared = false
    private var isReported = false
    private var until = -Double.infinity
    /// When the colours came or went.
    private(set) var switchedAt = -Double.infinity

    /// Takes what a sampled picture measured.
    mutating func take(_ picture: PictureMeasures, at time: Double, isPlain: Bool) {
        if picture.noise >= SignalJudge.drowned {
            return
        } else if picture.colour >= PictureMeter.colourful {
            if isInfrared, isPlain {
                switchedAt = time
                if isReported, scene.includes(picture) { until = time + Self.pulse }
            }
            if hadColours > 0 { scene.take(picture) }
            hadColours += 1
            isInfrared = false
        } else if hadColours >= 8, picture.colour < Self.colourless, picture.light >= Self.light,
            scene.includes(picture), isPlain, !isInfrared
        {
            (isInfrared, isReported) = (true, false)
            switchedAt = time
        }
        if isInfrared, picture.colour <= Self.reported { isReported = true }
    }

    /// The times that were kept are of another run of pictures.
    mutating func restart() { (until, switchedAt) = (-.infinity, -.infinity) }

    func judge(at time: Double, _ measures: inout CameraMeasures) { if time < until { measures[.day] = 1 } }
}
