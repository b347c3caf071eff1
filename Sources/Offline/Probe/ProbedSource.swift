internal import Capture
import Foundation
package import Frames
package import MediaClock

/// A source's codec, size and rate, and whether another stream of the same camera would serve better.
package struct ProbedSource: Sendable, Equatable {
    package var codec: String
    package var container: String
    /// As shown, so after any rotation, in pixels.
    package var width: Int
    package var height: Int
    /// Clockwise, in degrees: how far the picture was turned to be upright.
    package var rotation: Int
    /// Pictures a second; nil if the source does not say.
    package var rate: Double?
    package var isLive: Bool
    /// The clock that places a live source's pictures in time; nil for a file.
    package var clock: SourceClock?
    /// Why that is not the source's own.
    package var clockReason: String?
    /// How much of the picture the model sees.
    package var view: PictureView
    /// The share of the picture that this is; nil if its size is not known.
    package var seen: Double?
    /// What to choose instead, in words; nil if this source is suitable.
    package var advice: String?

    init(
        _ info: SourceInfo,
        rate: Double?,
        clock: (clock: SourceClock, reason: String?)? = nil,
        crop: Region?,
        view: PictureView,
        input: InputTransform
    ) {
        self.view = view
        seen = SeenPicture(of: info, crop: crop, view: view, transform: input)?.share
        self.rate = rate
        (self.clock, clockReason) = (clock?.clock, clock?.reason)
        codec = info.codec
        container = info.container
        let isTurned = info.rotation == 90 || info.rotation == 270
        let shown = info.shownSize
        (width, height) = isTurned ? (shown.height, shown.width) : (shown.width, shown.height)
        rotation = info.rotation
        isLive = info.isLive
        advice = Self.advice(width: width, height: height, crop: crop, input: input)
    }

    /// How much of the picture the model sees, and how it would see more; nil if that is not known.
    var sight: String? {
        guard let seen else { return nil }
        let share = "sees \(Int((100 * seen).rounded())) % of the picture (view: \(view.rawValue))"
        return seen < 0.9 && view == .square ? share + "; whole and tiles show the model more of a wide picture" : share
    }

    /// Scaling down from more than four times the model's size shows it nothing more, and the pixels between were
    /// decoded, converted and filtered for nothing.
    static func advice(width: Int, height: Int, crop: Region?, input: InputTransform) -> String? {
        guard width > 0, height > 0 else { return nil }
        let looked = (crop ?? .whole).nearestPixels(width: width, height: height)
        let short = min(looked.columns.count, looked.rows.count)
        let wanted = min(input.width, input.height)
        let sees = "the model sees \(input.width)x\(input.height)"
        let part = crop == nil ? "picture" : "crop"
        if short < wanted {
            return "\(sees), and the \(part) has only \(looked.columns.count)x\(looked.rows.count) pixels: "
                + "a larger stream\(crop == nil ? "" : " or crop") would show it more"
        }
        guard short >= 4 * wanted else { return nil }
        let scale = 1.6 * Double(wanted) / Double(short)
        let (smallWidth, smallHeight) = (even(Double(width) * scale), even(Double(height) * scale))
        let share = Double(width * height) / Double(smallWidth * smallHeight)
        return "\(sees): a second stream of about \(smallWidth)x\(smallHeight) shows it as much, "
            + "with \(Int(share.rounded())) times fewer pixels to decode"
    }

    private static func even(_ length: Double) -> Int { max(2, Int((length / 2).rounded(.up)) * 2) }
}
