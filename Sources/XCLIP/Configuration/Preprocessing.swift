package import Checkpoints
import Foundation
package import Frames

/// How a decoded frame becomes the model's input: the geometry, which works on bytes, and the normalisation, which is
/// folded into the patch embedding.
///
/// Source: `image_processor` in `processor_config.json`, which transformers 5 writes, or else `preprocessor_config.json`. As
/// in transformers, the first wins where both are there. A missing key has the default of the processor that the file names;
/// a null says no.
package struct Preprocessing: Sendable, Equatable {
    package var transform: InputTransform
    /// A byte b of channel c enters the model as (b · rescale − mean[c]) / std[c].
    package internal(set) var rescale: Double
    package internal(set) var mean: [Double]
    package internal(set) var std: [Double]
    /// The name of the file that it was read from, and the processor that the file names.
    package let source: String
    package let processor: String

    /// Reads the processor's file in `directory`.
    ///
    /// - Parameter imageSize: the side of the model's input, in pixels. The processor's output must have this size.
    /// - Throws: `CheckpointError` if the file is missing, does not fit the model, or asks for something that this program
    ///   does not do.
    package init(directory: String, imageSize: Int) throws(CheckpointError) {
        let file = try Self.file(in: directory)
        let kind = try ImageProcessor.named(in: file)
        source = (file.path as NSString).lastPathComponent
        processor = kind.name
        try Self.refuseUnsupported(file, kind)
        let size = try Self.resize(file, kind)
        let crops = try Self.says(file, "do_center_crop", default: kind.crops)
        let crop = crops ? try Self.crop(file, kind) : (imageSize, imageSize)
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
        let number =
            size == .none ? kind.resample : try file.size("resample", default: kind.resample, most: 5, least: 0)
        guard let filter = InputTransform.Filter(rawValue: number) else { throw file.wrong("resample", "0 to 5") }
        transform = InputTransform(resize: size, filter: filter, width: imageSize, height: imageSize)
        let rescales = try Self.says(file, "do_rescale", default: true)
        rescale = rescales ? try file.number("rescale_factor", default: kind.rescale) : 1
        let offsets = kind.offsets ? try Self.says(file, "offset", default: true) : false
        guard rescales || !offsets else { throw file.wrong("do_rescale", "true, because offset is") }
        if try Self.says(file, "do_normalize", default: true) {
            mean = try file.numbers("image_mean", count: 3, default: kind.mean)
            std = try file.numbers("image_std", count: 3, default: kind.std)
            guard std.allSatisfy({ $0 > 0 }) else { throw file.wrong("image_std", "three numbers above 0") }
        } else {
            mean = [0, 0, 0]
            std = [1, 1, 1]
        }
        if offsets { mean = mean.map { $0 + 1 } }
    }

    /// The files that may hold the processor, the one that wins first.
    package static let fileNames = ["processor_config.json", "preprocessor_config.json"]

    private static func file(in directory: String) throws(CheckpointError) -> JSONFile {
        let (new, old) = (directory + "/" + fileNames[0], directory + "/" + fileNames[1])
        if FileManager.default.fileExists(atPath: new) {
            let file = try JSONFile(path: new)
            if let inner = try file.object("image_processor") { return inner }
            guard FileManager.default.fileExists(atPath: old) else {
                throw CheckpointError(
                    .malformed,
                    at: new,
                    "has no object image_processor, and there is no preprocessor_config.json; add the one that the model was "
                        + "trained with"
                )
            }
        }
        return try JSONFile(path: old)
    }

    /// A flag, for which a null is false.
    private static func says(
        _ file: JSONFile,
        _ name: String,
        default fallback: Bool
    ) throws(CheckpointError) -> Bool {
        file.isNull(name) ? false : try file.flag(name, default: fallback)
    }

    /// Refuses what changes the pixels in transformers and would do nothing here.
    private static func refuseUnsupported(_ file: JSONFile, _ kind: ImageProcessor) throws(CheckpointError) {
        func refuse(_ name: String, _ remedy: String) -> CheckpointError {
            CheckpointError(.unsupported, at: file.path, "\(name) is not supported; \(remedy)")
        }
        if try says(file, "do_pad", default: false) {
            throw refuse("do_pad", "remove it, and crop to the model's input")
        }
        for name in ["input_data_format", "use_square_size"] where file.has(name) && !file.isNull(name) {
            if name == "use_square_size", try !file.flag(name, default: false) { continue }
            throw refuse(name, "remove it")
        }
    }

    private static func resize(
        _ file: JSONFile,
        _ kind: ImageProcessor
    ) throws(CheckpointError) -> InputTransform.Resize {
        guard try says(file, "do_resize", default: true) else { return .none }
        guard file.has("size") else {
            return kind.shortestEdge.map { .shortestEdge($0) } ?? .exact(width: kind.square, height: kind.square)
        }
        let key = "default_to_square"
        let isSquare = file.isNull(key) ? kind.sizeIsSquare : try file.flag(key, default: kind.sizeIsSquare)
        if !file.isObject("size"), file.list("size") == nil, !isSquare {
            return .shortestEdge(try file.size("size", default: 224, most: 8192))
        }
        if let size = file.isObject("size") ? try file.object("size") : nil, size.names == ["shortest_edge"] {
            return .shortestEdge(try size.size("shortest_edge", default: 224, most: 8192))
        }
        let (width, height) = try sides(file, "size", "shortest_edge, or height and width, and nothing else")
        return .exact(width: width, height: height)
    }

    private static func crop(_ file: JSONFile, _ kind: ImageProcessor) throws(CheckpointError) -> (Int, Int) {
        guard file.has("crop_size") else {
            guard kind.crops else { throw file.wrong("crop_size", "there, because do_center_crop is true") }
            return (224, 224)
        }
        return try sides(file, "crop_size", "height and width, and nothing else")
    }

    /// One number for both sides, a list of height and width, or an object that names them.
    private static func sides(
        _ file: JSONFile,
        _ name: String,
        _ wanted: String
    ) throws(CheckpointError) -> (width: Int, height: Int) {
        if let list = file.list(name) {
            let sides = try file.numbers(name, count: 2, default: []).compactMap { Int(exactly: $0) }
            guard list.count == 2, sides.count == 2, sides.allSatisfy({ (1...8192).contains($0) }) else {
                throw file.wrong(name, "two sizes, the height and the width")
            }
            return (sides[1], sides[0])
        }
        guard file.isObject(name), let size = try file.object(name) else {
            let side = try file.size(name, default: 224, most: 8192)
            return (side, side)
        }
        guard size.names == ["height", "width"] else { throw file.wrong(name, wanted) }
        return (
            try size.size("width", default: 224, most: 8192), try size.size("height", default: 224, most: 8192)
        )
    }
}
