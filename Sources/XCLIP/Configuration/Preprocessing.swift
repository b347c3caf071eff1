package import Checkpoints
import Foundation
package import Frames

/// How a decoded frame becomes the model's input: the geometry, which works on bytes, and the normalisation, which is
/// folded into the patch embedding.
///
/// Source: `preprocessor_config.json`, or `image_processor` in the `processor_config.json` of newer transformers. A
/// missing key has the default of the processor that the file names.
package struct Preprocessing: Sendable, Equatable {
    package var transform: InputTransform
    /// A byte b of channel c enters the model as (b · rescale − mean[c]) / std[c].
    var rescale: Double
    var mean: [Double]
    var std: [Double]

    /// Reads the processor's file in `directory`.
    ///
    /// - Parameter imageSize: the side of the model's input, in pixels. The processor's output must have this size.
    /// - Throws: `CheckpointError` if the file is missing or does not fit the model.
    package init(directory: String, imageSize: Int) throws(CheckpointError) {
        let file = try Self.file(in: directory)
        let isCLIP = try file.text("image_processor_type", default: file.text("feature_extractor_type", default: ""))
            .hasPrefix("CLIP")
        let size = try Self.resize(file)
        let crops = try file.flag("do_center_crop", default: true)
        let crop = crops ? try Self.crop(file) : (imageSize, imageSize)
        guard crop == (imageSize, imageSize) else {
            throw CheckpointError(
                .malformed,
                at: file.path,
                "crop_size is \(crop.0)×\(crop.1), but the model (config.json) takes \(imageSize)×\(imageSize)"
            )
        }
        if !crops && size != .exact(width: imageSize, height: imageSize) {
            throw CheckpointError(
                .unsupported,
                at: file.path,
                "without do_center_crop, size must be the model's \(imageSize)×\(imageSize)"
            )
        }
        let number = try file.size("resample", default: isCLIP ? 3 : 2, most: 5, least: 0)
        guard let filter = InputTransform.Filter(rawValue: number) else { throw file.wrong("resample", "0 to 5") }
        transform = InputTransform(resize: size, filter: filter, width: imageSize, height: imageSize)
        rescale = try file.flag("do_rescale", default: true) ? try file.number("rescale_factor", default: 1.0 / 255) : 1
        guard try file.flag("do_normalize", default: true) else {
            mean = [0, 0, 0]
            std = [1, 1, 1]
            return
        }
        mean = try file.numbers(
            "image_mean",
            count: 3,
            default: isCLIP ? [0.48145466, 0.4578275, 0.40821073] : [0.5, 0.5, 0.5]
        )
        std = try file.numbers(
            "image_std",
            count: 3,
            default: isCLIP ? [0.26862954, 0.26130258, 0.27577711] : [0.5, 0.5, 0.5]
        )
        guard std.allSatisfy({ $0 > 0 }) else { throw file.wrong("image_std", "three numbers above 0") }
    }

    private static func file(in directory: String) throws(CheckpointError) -> JSONFile {
        let old = directory + "/preprocessor_config.json"
        let new = directory + "/processor_config.json"
        if !FileManager.default.fileExists(atPath: old), FileManager.default.fileExists(atPath: new) {
            let file = try JSONFile(path: new)
            guard let inner = file.object("image_processor") ?? file.object("video_processor") else {
                throw file.wrong("image_processor", "an object")
            }
            return inner
        }
        return try JSONFile(path: old)
    }

    private static func resize(_ file: JSONFile) throws(CheckpointError) -> InputTransform.Resize {
        guard try file.flag("do_resize", default: true) else { return .none }
        guard let size = file.object("size") else {
            return .shortestEdge(try file.size("size", default: 224, most: 8192))
        }
        if size.has("shortest_edge") { return .shortestEdge(try size.size("shortest_edge", default: 224, most: 8192)) }
        guard size.has("height"), size.has("width") else {
            throw file.wrong("size", "shortest_edge, or height and width")
        }
        return .exact(
            width: try size.size("width", default: 224, most: 8192),
            height: try size.size("height", default: 224, most: 8192)
        )
    }

    private static func crop(_ file: JSONFile) throws(CheckpointError) -> (Int, Int) {
        guard let crop = file.object("crop_size") else {
            let side = try file.size("crop_size", default: 224, most: 8192)
            return (side, side)
        }
        return (try crop.size("width", default: 224, most: 8192), try crop.size("height", default: 224, most: 8192))
    }
}
