package import Capture
import Checkpoints
import Foundation
package import Settings
import System
import Text
package import XCLIP

/// Keeps the features of example clips under a digest of the model's version, clip, window, frames, crop, masks and view,
/// so an entry is never stale. A cache that cannot be written or read only costs time.
package struct ExampleCache: Sendable {
    private let directory: String
    private let modelVersion: String

    init(directory: String, modelVersion: String) {
        self.directory = directory
        self.modelVersion = modelVersion
    }

    /// Nil if no place for it is known.
    package static func directory(_ environment: [String: String]) -> String? {
        CacheDirectory.path(environment).map { $0 + "/examples" }
    }

    package func features(
        of clip: ExampleClip,
        on stream: StreamConfiguration,
        model: XCLIPConfiguration,
        make: () throws(CaptureError) -> ExampleEncoder.Features
    ) throws(CaptureError) -> ExampleEncoder.Features {
        let path = "\(directory)/\(name(clip, stream, model)).safetensors"
        if let kept = load(path, model) { return kept }
        let features = try make()
        store(features, at: path)
        return features
    }

    private func name(_ clip: ExampleClip, _ stream: StreamConfiguration, _ model: XCLIPConfiguration) -> String {
        var digest = ContentDigest()
        // The leading number is the version of how features are made.
        let seen = "\(stream.window) \(String(describing: stream.crop)) \(stream.masks) \(stream.view)"
        let frames = model.frames == model.trainedFrames ? "" : " \(model.frames) frames"
        digest.add("1 \(modelVersion) \(clip.digest) \(seen)\(frames)")
        return digest.finish()
    }

    private func load(_ path: String, _ model: XCLIPConfiguration) -> ExampleEncoder.Features? {
        guard let file = try? SafetensorsFile(path: path) else { return nil }
        func features(_ name: String) -> WindowFeatures? {
            guard let video = file.tensors[name + ".video"], video.shape == [model.embedding],
                let visual = file.tensors[name + ".visual"], visual.shape == [model.patches, model.embedding]
            else { return nil }
            guard let video = try? video.floats(), let visual = try? visual.floats() else { return nil }
            let values = WindowFeatures(video: video, visual: visual)
            return (values.video + values.visual).allSatisfy(\.isFinite) ? values : nil
        }
        guard let shown = features("shown"), let still = features("still") else { return nil }
        return ExampleEncoder.Features(shown: shown, still: still)
    }

    /// Writes a draft, then renames it, so that no reader finds half a file.
    private func store(_ features: ExampleEncoder.Features, at path: String) {
        let draft = "\(path).\(RandomIdentifier.make())"
        let parts = [("shown", features.shown), ("still", features.still)]
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let writer = try SafetensorsWriter(
                path: draft,
                tensors: parts.flatMap { name, features in
                    let width = features.video.count
                    return [
                        (name + ".video", [width], TensorType.float32),
                        (name + ".visual", [features.visual.count / max(1, width), width], TensorType.float32),
                    ]
                }
            )
            for (_, features) in parts {
                try writer.write(features.video)
                try writer.write(features.visual)
            }
            try writer.close()
            guard rename(draft, path) == 0 else { throw OperationError("cannot rename") }
        } catch {
            unlink(draft)
        }
    }
}
