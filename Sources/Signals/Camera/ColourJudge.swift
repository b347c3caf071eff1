import Frames

/// Tells a camera that switches back from infra-red by its colours. Pure.
struct ColourJudge {
    /// As `SignalJudge` has it.
    private static let colourless: Float = 1.5
    private static let light: Float = 50
    private static let pulse = 2.0

    private var hadColours = 0
    private var isInfrared = false
    private var until = -1.0
    /// When the colours came or went.
    private(set) var switchedAt = -9.0

    /// Takes what a sampled picture measured.
    mutating func take(_ picture: PictureMeasures, at time: Double, isPlain: Bool) {
        if picture.colour >= PictureMeter.colourful {
            hadColours += 1
            if isInfrared, isPlain { (until, switchedAt) = (time + Self.pulse, time) }
            isInfrared = false
        } else if hadColours >= 8, picture.colour < Self.colourless, picture.light >= Self.light,
            picture.likeness >= SignalJudge.sameEdges, isPlain, !isInfrared
        {
            isInfrared = true
            switchedAt = time
        }
    }

    func judge(at time: Double, _ measures: inout CameraMeasures) { if time < until { measures[.day] = 1 } }
}
