package import Capture
import Checkpoints
package import Settings
import System
package import XCLIP

/// Keeps the features of example clips under a digest of the model's version, clip, window, frames, crop, masks and view,
/// so an entry is never stale. A cache that cannot be written or read only costs time.
package struct ExampleCache: Sendable {
    private let files: CacheFiles
    private let modelVersion: String
    private let mostBytes: Int

    /// - Parameter mostBytes: beyond it goes what was used longest ago, except what this cache was asked for. The features of
    ///   a clip have 0.2 to 1.6 MB.
    init(directory: String, modelVersion: String, mostBytes: Int = 512 << 20) {
        files = CacheFiles(directory: directory, ending: "features")
        self.modelVersion = modelVersion
        self.mostBytes = mostBytes
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
        let file = file(clip, stream, model)
        var values = [Float](repeating: 0, count: 2 * model.embedding * (1 + model.patches))
        let isKept = values.withUnsafeMutableBytes { file.read("features", into: $0) }
        let features = isKept ? ExampleEncoder.Features(values, width: model.embedding) : try make()
        keep(features, in: file.draft)
        return features
    }

    private func file(_ clip: ExampleClip, _ stream: StreamConfiguration, _ model: XCLIPConfiguration) -> PackedFile {
        var digest = ContentDigest()
        // The leading number is the version of how features are made.
        let seen = "\(stream.window) \(String(describing: stream.crop)) \(stream.masks) \(stream.view)"
        let frames = model.frames == model.trainedFrames ? "" : " \(model.frames) frames"
        digest.add("1 \(modelVersion) \(clip.digest) \(seen)\(frames)")
        return files.file(key: digest.finishBytes())
    }

    private func keep(_ features: ExampleEncoder.Features, in file: PackedFile.Draft) {
        _ = features.values.withUnsafeBytes { files.keep(file, [$0]) }
        guard file.isNeeded else { return }
        files.clean()
        files.removeOldest { _, bytes in bytes <= mostBytes }
        // What earlier versions kept.
        CacheFiles(directory: files.directory, ending: "safetensors").clean { _ in true }
    }
}

extension ExampleEncoder.Features {
    /// Of the shown window, then of the still one: [E], [N−1, E].
    fileprivate var values: [Float] { [shown, still].flatMap { $0.video + $0.visual } }

    fileprivate init(_ values: [Float], width: Int) {
        let windows = [values.prefix(values.count / 2), values.suffix(values.count / 2)].map {
            WindowFeatures(video: Array($0.prefix(width)), visual: Array($0.dropFirst(width)))
        }
        self.init(shown: windows[0], still: windows[1])
    }
}
