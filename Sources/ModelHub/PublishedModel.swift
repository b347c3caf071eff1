/// A checkpoint that the authors of X-CLIP published, with the paper's figures for it.
///
/// Source of the figures: the model zoo of microsoft/VideoX, folder X-CLIP; of the names: transformers'
/// convert_x_clip_original_pytorch_to_hf.py. The licence is that of the authors' repository and of the model cards.
package struct PublishedModel: Sendable {
    /// A result of the paper.
    package struct Figure: Sendable, Equatable {
        package let dataSet: String
        /// Percent.
        package let top1: Double
        /// Percent; nil if the paper gives none.
        package let top5: Double?
    }

    package let shortName: String
    /// The vision transformer: B/32, B/16 or L/14.
    package let size: String
    package let frames: Int
    /// Pixels on each side of a frame.
    package let pixels: Int
    package let trainedOn: String
    package let figures: [Figure]

    package var repository: String { "microsoft/\(shortName)" }
    package var licence: String { "MIT" }

    private static let k400 = "Kinetics-400"
    private static let k600 = "Kinetics-600"

    private static func supervised(
        _ name: String,
        _ size: String,
        frames: Int,
        pixels: Int = 224,
        on dataSet: String,
        _ top1: Double,
        _ top5: Double
    ) -> PublishedModel {
        PublishedModel(
            shortName: name,
            size: size,
            frames: frames,
            pixels: pixels,
            trainedOn: dataSet,
            figures: [Figure(dataSet: dataSet, top1: top1, top5: top5)]
        )
    }

    /// From `shots` clips of each class.
    private static func fewShot(_ name: String, _ dataSet: String, shots: Int, _ top1: Double) -> PublishedModel {
        PublishedModel(
            shortName: "xclip-base-patch16-\(name)-\(shots)-shot",
            size: "B/16",
            frames: 32,
            pixels: 224,
            trainedOn: "\(dataSet), \(shots) clips a class",
            figures: [Figure(dataSet: dataSet, top1: top1, top5: nil)]
        )
    }

    /// The lightest first.
    package static let all: [PublishedModel] = [
        supervised("xclip-base-patch32", "B/32", frames: 8, on: k400, 80.4, 95.0),
        supervised("xclip-base-patch32-16-frames", "B/32", frames: 16, on: k400, 81.1, 95.5),
        supervised("xclip-base-patch16", "B/16", frames: 8, on: k400, 83.8, 95.7),
        supervised("xclip-base-patch16-16-frames", "B/16", frames: 16, on: k400, 84.7, 96.8),
        supervised("xclip-base-patch16-kinetics-600", "B/16", frames: 8, on: k600, 85.3, 97.1),
        supervised("xclip-base-patch16-kinetics-600-16-frames", "B/16", frames: 16, on: k600, 85.8, 97.3),
        PublishedModel(
            shortName: "xclip-base-patch16-zero-shot",
            size: "B/16",
            frames: 32,
            pixels: 224,
            trainedOn: k400,
            figures: [
                Figure(dataSet: "HMDB-51", top1: 44.6, top5: nil), Figure(dataSet: "UCF-101", top1: 72.0, top5: nil),
                Figure(dataSet: k600, top1: 65.2, top5: 86.1),
            ]
        ),
        fewShot("hmdb", "HMDB-51", shots: 2, 53.0), fewShot("hmdb", "HMDB-51", shots: 4, 57.3),
        fewShot("hmdb", "HMDB-51", shots: 8, 62.8), fewShot("hmdb", "HMDB-51", shots: 16, 64.0),
        fewShot("ucf", "UCF-101", shots: 2, 76.4), fewShot("ucf", "UCF-101", shots: 4, 83.4),
        fewShot("ucf", "UCF-101", shots: 8, 88.3), fewShot("ucf", "UCF-101", shots: 16, 91.4),
        supervised("xclip-large-patch14", "L/14", frames: 8, on: k400, 87.1, 97.6),
        supervised("xclip-large-patch14-kinetics-600", "L/14", frames: 8, on: k600, 88.3, 97.7),
        supervised("xclip-large-patch14-16-frames", "L/14", frames: 16, pixels: 336, on: k400, 87.7, 97.4),
    ]
}
