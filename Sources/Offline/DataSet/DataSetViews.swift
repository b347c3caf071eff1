import ConfigurationText
import Frames
import Settings

/// Which parts of a video an evaluation shows the model: the clips in time, and the crops of each.
package struct DataSetViews: Sendable, Equatable, CustomStringConvertible {
    package static let mostClips = 16

    /// Clips of T frames, each of which spans the whole video.
    package let clips: Int
    /// 1, the middle; or 3, both ends of the longer side and the middle.
    package let crops: Int

    package init(clips: Int, crops: Int) {
        precondition(clips >= 1 && (crops == 1 || crops == 3), "one crop or three of each clip")
        (self.clips, self.crops) = (clips, crops)
    }

    /// Reads a text such as `4x3`; nil if it names no supported views.
    package init?(_ text: String) {
        let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let clips = parts[0], let crops = parts[1], (1...Self.mostClips).contains(clips),
            crops == 1 || crops == 3
        else { return nil }
        (self.clips, self.crops) = (clips, crops)
    }

    package var description: String { "\(clips)x\(crops)" }

    /// The numbers of a clip's frames in a video of `count` pictures.
    ///
    /// Source: SampleFrames of the authors' pipeline.py. A single clip takes the middles of T equal segments. The segments of
    /// several clips are ⌊N/T⌋ pictures long, so the last N mod T pictures are never shown; a video of fewer than T pictures
    /// gives every clip the same ones. The authors take a random place in each segment; here clip c of C takes the place
    /// (2c + 1)/2C of it, so that a figure is the same each time.
    func numbers(ofClip clip: Int, frames: Int, count: Int) -> [Int] {
        guard clips > 1 else {
            let segment = Double(count) / Double(frames)
            return (0..<frames).map { min(Int((Double($0) + 0.5) * segment), count - 1) }
        }
        let segment = count / frames
        guard segment > 0 else {
            let ratio = Double(count) / Double(frames)
            return (0..<frames).map { Int((Double($0) * ratio).rounded(.toNearestOrEven)) % count }
        }
        return (0..<frames).map { $0 * segment + segment * (2 * clip + 1) / (2 * clips) }
    }

    /// How a picture becomes the model's input, for each crop.
    func transforms(_ preprocessing: DataSetPreprocessing, of model: InputTransform) -> [InputTransform] {
        var transform = preprocessing == .paper ? paper(model) : model
        let places: [InputTransform.Place] = crops == 3 ? [.near, .centre, .far] : [.centre]
        return places.map { place in
            transform.place = place
            return transform
        }
    }

    /// Source: the validation's pipeline in the authors' build.py: the short side to 256/224 of the input for a single
    /// crop, to the input's own size for three, by mmcv, which is OpenCV.
    private func paper(_ model: InputTransform) -> InputTransform {
        let side = model.width
        let short = crops == 3 ? side : Int(256.0 / 224 * Double(side))
        return InputTransform(resize: .roundedShortestEdge(short), filter: .openCVLinear, width: side, height: side)
    }
}

/// Whose way from the picture to the model's input.
package enum DataSetPreprocessing: String, Sendable, CaseIterable {
    /// The authors' evaluation's.
    case paper
    /// The checkpoint's own, which a stream has.
    case model
}
