import Capture
import CaptureProcess
import Logging
import ONVIF
import Text

/// Opens a stream's source: in this process, or in one of its own.
struct SourceConnector: Sendable {
    /// What clips are cut from.
    enum Clips: Sendable {
        case ring(PacketRing)
        case process(RemoteClips)

        /// What can be cut now; nil if this kind of source has no clips.
        var source: (any ClipSource)? {
            switch self {
            case .ring(let ring): ring.holdsVideo ? ring : nil
            case .process(let clips): clips.source
            }
        }
    }

    var newest: PictureTap?
    var history: PictureHistory?
    var clips: Clips?
    /// What reads the source; nil if a thread of the daemon does.
    var program: CaptureProgram?
    /// What the processes have learnt of the camera, one after the other.
    let camera = RemoteCamera()

    func open(
        _ options: SourceOptions,
        cancellation: Cancellation,
        logger: Logger,
        waiting: @escaping (String) -> Void
    ) throws(CaptureError) -> any SourceReading {
        guard let program else {
            var taps = SourceTaps(newest: newest, history: history)
            if case .ring(let ring) = clips { taps.packets = ring }
            let resolved = try options.resolved { cancellation.isCancelled }
            return try LocalSource(resolved, cancellation: cancellation, taps: taps, waiting: waiting)
        }
        var taps = RemoteTaps(newest: newest, history: history, camera: camera)
        if case .process(let process) = clips { taps.clips = process }
        return try RemoteSource(options, program: program, cancellation: cancellation, taps: taps) { line in
            switch line {
            // Debug level: serious lines come again as our own errors.
            case .libav(let level, let text): logger.debug("\(text)", metadata: ["level": "\(level)"])
            case .complaint(let text): logger.warning("\(text)")
            }
        } waiting: {
            waiting($0)
        }
    }
}
