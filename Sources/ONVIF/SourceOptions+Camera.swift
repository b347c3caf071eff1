package import Capture
import Frames

extension SourceOptions {
    /// Whether the URL names a camera instead of its stream.
    package var isCamera: Bool { CameraAddress.isCamera(url) }

    /// With the stream's own URL in place of an `onvif://` URL, which the camera is asked for now. Other sources stay as they
    /// are. Blocks, for `openTimeout` at most.
    ///
    /// - Parameter isCancelled: read many times a second.
    package func resolved(_ isCancelled: () -> Bool = { false }) throws(CaptureError) -> SourceOptions {
        guard isCamera else { return self }
        var options = self
        do throws(CameraError) {
            options.url = try CameraStreams.resolve(
                url,
                shortSide: neededSide,
                within: openTimeout,
                isCancelled: isCancelled
            )
        } catch {
            throw CaptureError(error.code.meaning, "cannot ask \(error.message)")
        }
        return options
    }

    /// The pixels that the whole picture needs on its shorter side, so that what is left of it fills the model's input.
    private var neededSide: Int {
        let part = crop.map { min($0.width, $0.height) } ?? 1
        return Int((Double(min(transform.width, transform.height)) / max(part, 0.01)).rounded(.up))
    }
}

extension CameraError.Code {
    fileprivate var meaning: CaptureError.Code {
        switch self {
        case .unreachable, .network: .unreachable
        case .unauthorized: .unauthorized
        case .unexpected: .unreadable
        case .noStream: .noVideo
        case .cancelled: .cancelled
        }
    }
}
