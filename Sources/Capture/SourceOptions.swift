package import Frames
import System

/// What to open and how to play and sample it.
package struct SourceOptions: Sendable, Equatable {
    /// The transport of RTSP's media.
    package enum Transport: String, Sendable, CaseIterable {
        case tcp, udp
    }

    package enum Pace: String, Sendable, CaseIterable {
        /// As the source delivers: never slept for.
        case live
        /// Files and generated pictures are played at their own pace; live sources are as in `live`.
        case realTime
        /// As fast as they decode.
        case asFast
    }

    /// A URL (rtsp, rtsps, rtmp, http, https, udp, tcp, srt), `v4l2:/dev/video0` or `/dev/video0`, `lavfi:GRAPH`,
    /// `file:PATH` or a plain path.
    package var url: String
    /// Used for RTSP only.
    package var transport: Transport = .tcp
    /// The limit for connecting and finding the streams' parameters.
    package var openTimeout: Duration = .seconds(10)
    /// The longest wait for the next packet of video.
    package var stallTimeout: Duration = .seconds(10)
    package var pace: Pace = .realTime
    /// From the decoded picture to the bytes handed out.
    package var transform: InputTransform
    /// What is looked at of the upright picture; nil for all of it.
    package var crop: Region?
    /// What is painted out of the upright picture, before the crop.
    package var masks: [Region] = []
    /// Seconds between two ticks of the sampling grid.
    package var interval: Double
    /// Lets the decoder leave out pictures that no other needs, where the rate is even and the grid cannot choose them.
    /// The pictures chosen are the same, but for those beside the first gap in an even stream, and for how the decoder
    /// conceals damage.
    package var skipsNonReference = true
    /// 0 chooses: 1 for live sources (each further one delays by a picture), 2 for others.
    package var decodeThreads = 0
    /// V4L2 only: such as "1280x720"; nil leaves the driver's choice.
    package var deviceVideoSize: String?
    /// V4L2 only: such as "30".
    package var deviceFrameRate: String?
    /// V4L2 only: such as "mjpeg" or "yuyv422".
    package var devicePixelFormat: String?

    package init(url: String, transform: InputTransform, interval: Double) {
        self.url = url
        self.transform = transform
        self.interval = interval
    }
}
