package import Frames
import System

/// What to open and how to play and sample it.
package struct SourceOptions: Sendable, Equatable {
    /// The transport of RTSP's media.
    package enum Transport: String, Sendable, CaseIterable {
        case tcp, udp
    }

    package enum Pace: String, Sendable, CaseIterable {
        /// At the source's pace, without sleeping.
        case live
        /// Plays files and generated pictures at their own pace. Live sources behave as in `live`.
        case realTime
        /// As fast as the pictures decode.
        case asFast
    }

    /// The source: a URL (rtsp, rtsps, rtmp, http, https, udp, tcp, srt), `v4l2:/dev/video0` or `/dev/video0`,
    /// `lavfi:GRAPH`, `file:PATH` or a plain path.
    package var url: String
    /// How RTSP media is transported.
    package var transport: Transport = .tcp
    /// The time limit for connecting and finding the stream's parameters.
    package var openTimeout: Duration = .seconds(10)
    /// The longest wait for the next video packet.
    package var stallTimeout: Duration = .seconds(10)
    package var pace: Pace = .realTime
    /// How the decoded picture becomes the bytes handed out.
    package var transform: InputTransform
    /// The part of the upright picture to use; nil for all of it.
    package var crop: Region?
    /// The parts of the upright picture that are masked, before the crop.
    package var masks: [Region] = []
    /// Seconds between two ticks of the sampling grid.
    package var interval: Double
    /// Lets the decoder skip pictures that no other picture needs, if the rate is even and the grid cannot choose them.
    ///
    /// The same pictures are chosen, except beside the first gap in an even stream. Damage may be concealed
    /// differently.
    package var skipsNonReference = true
    /// The decoder's threads. 0 means 1 for live sources, because each further thread delays by one picture, and 2 for
    /// others.
    package var decodeThreads = 0
    /// V4L2 only: the size, such as "1280x720"; nil for the driver's default.
    package var deviceVideoSize: String?
    /// V4L2 only: the frame rate, such as "30".
    package var deviceFrameRate: String?
    /// V4L2 only: the pixel format, such as "mjpeg" or "yuyv422".
    package var devicePixelFormat: String?

    package init(url: String, transform: InputTransform, interval: Double) {
        self.url = url
        self.transform = transform
        self.interval = interval
    }
}
