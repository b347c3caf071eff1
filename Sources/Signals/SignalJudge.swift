package import Frames

/// Turns the measures of one camera's pictures into scores. Pure.
///
/// The edges were chosen on real footage: half of it for the choice, half for the check. In all of it contrast is above
/// 24, noise below 4.2, and light above 34.
package struct SignalJudge: Sendable {
    /// Scores fall from 1 to 0, or rise from 0 to 1, between two values of a measure.
    private struct Edge {
        let none: Float
        let full: Float

        func score(_ value: Float) -> Double { Double((value - none) / (full - none)).clamped }
    }

    private static let blank = Edge(none: 8, full: 0)
    /// Of the blocks that are unchanged. A clock and what the codec does around it may change a tenth.
    private static let frozen = Edge(none: 0.8, full: 1)
    private static let damaged = Edge(none: 0, full: 0.5)
    private static let noise = Edge(none: 0, full: 12)
    private static let dark = Edge(none: 30, full: 10)
    private static let colourless = Edge(none: 1.5, full: 0)

    /// A colourless picture of one luma is blank. One in several colours is not.
    private static let blankColour: Float = 6
    /// How many pictures must have shown colours before their loss means anything.
    private static let colourfulPictures = 8
    /// Below this light, a camera's colours vanish without infra-red.
    private static let colourLight: Float = 50
    /// Something before the lens may take the colours along, and is known to cover it so many pictures later.
    private static let coverPictures = 3
    /// The noise from which on a picture's colours are not its own.
    static let drowned: Float = 6

    private var colourful = 0
    private var scene = SameScene()
    private var isInfrared = false
    private var infraredPictures = 0

    package init() {}

    package mutating func scores(of measures: PictureMeasures) -> SignalScores {
        var scores = SignalScores()
        scores[.noise] = Self.noise.score(measures.noise)
        for signal in Signal.allCases {
            if let trouble = signal.trouble { scores[signal] = Double(measures.camera[trouble]) }
        }
        scores[.damaged] = max(scores[.damaged], Self.damaged.score(measures.damage))
        if measures.colour < Self.blankColour { scores[.blank] = Self.blank.score(measures.contrast) }
        // Nothing could move or be seen in a blank picture.
        guard scores[.blank] < 0.5 else { return scores }
        scores[.frozen] = Self.frozen.score(measures.unchanged)
        scores[.dark] = Self.dark.score(measures.light)
        scores[.infrared] = infrared(measures)
        return scores
    }

    private mutating func infrared(_ measures: PictureMeasures) -> Double {
        let score = measures.light >= Self.colourLight ? Self.colourless.score(measures.colour) : 0
        // Noise has colours of its own.
        let isNoisy = measures.noise >= Self.drowned
        let hasColours = measures.colour >= PictureMeter.colourful && !isNoisy
        // The colours were another camera's.
        if measures.camera.isCut, !hasColours, !isInfrared { colourful = 0 }
        if isNoisy {
            return isInfrared ? score : 0
        } else if hasColours {
            if colourful > 0 { scene.take(measures) }
            colourful = min(colourful + 1, Self.colourfulPictures)
            isInfrared = false
        } else if measures.camera[.covered] >= 0.5 {
            if infraredPictures <= Self.coverPictures { isInfrared = false }
        } else if colourful == Self.colourfulPictures, score >= 0.5, scene.includes(measures) {
            isInfrared = true
        }
        infraredPictures = isInfrared ? infraredPictures + 1 : 0
        return isInfrared ? score : 0
    }
}

extension Double {
    fileprivate var clamped: Double { min(1, max(0, self)) }
}
