package import Frames
package import HTTP
package import MediaClock
import System

/// What to open and how to play and sample it.
package struct SourceOptions: Sendable, Equatable {
    /// The transport of RTSP's media.
    package enum Transport: String, Sendable, CaseIterable {
        /// TCP, or UDP if the server offers no TCP.
        case auto
        case tcp, udp
        case udpMulticast = "udp_multicast"
        /// RTSP and its media inside HTTP.
        case http
    }

    /// How the server of a rtsps or https source is verified.
    package struct TLS: Sendable, Equatable {
        /// Whether the server's certificate must be valid for its name.
        package var isVerified = true
        /// A PEM file of the authorities to trust; nil for the system's.
        package var authorities: String?

        package init() {}
    }

    package enum Pace: String, Sendable, CaseIterable {
        /// At the source's pace, without sleeping.
        case live
        /// Plays files and generated pictures at their own pace. Live sources behave as in `live`.
        case realTime
        /// As fast as the pictures decode.
        case asFast
    }

    /// The source: a URL (rtsp, rtsps, rtmp, http, https, udp, tcp, srt), `exec:COMMAND`, `pipe:PATH`, `v4l2:/dev/video0` or
    /// `/dev/video0`, `lavfi:GRAPH`, `file:PATH` or a plain path.
    package var url: String
    /// How RTSP media is transported.
    package var transport: Transport = .auto
    package var tls = TLS()
    /// For http and https.
    package var headers: [HTTPHeader] = []
    /// The number of the video track, from 1; nil for the largest.
    package var track: Int?
    /// The clock that places a live source's pictures in time.
    package var clock = SourceClock.auto
    /// HTTP only: how often a still picture is asked for; zero asks only if the source turns out to be one.
    package var poll = Duration.zero
    /// The time limit for connecting.
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
    /// How much of the picture, or of its crop, the model sees.
    package var view = PictureView.square
    /// Shows pictures as their stream says: pixels that are not square are stretched, and of two interlaced fields one is
    /// taken. The reference's readers of data sets do neither.
    package var correctsShape = true
    /// Seconds between two ticks of the sampling grid.
    package var interval: Double
    /// Lets the decoder skip pictures that no other picture needs, if the rate is even and the grid cannot choose them.
    ///
    /// The same pictures are chosen, except beside the first gap in an even stream. Damage may be concealed
    /// differently.
    package var skipsNonReference = true
    /// Whether turns, knocks and other trouble of the camera itself are looked for, which takes about 2 ms ten times a second.
    package var watchesCamera = false
    /// The decoder's threads. 0 means 1 for live sources, because each further thread delays by one picture, and 2 for
    /// others.
    package var decodeThreads = 0
    /// V4L2 only: the size, such as "1280x720"; nil for the driver's default.
    package var deviceVideoSize: String?
    /// V4L2 only: the frame rate, such as "30".
    package var deviceFrameRate: String?
    /// V4L2 only: the pixel format, such as "mjpeg" or "yuyv422".
    package var devicePixelFormat: String?

    /// A command or a pipe that another process has started or opened: what to read instead of `url`. The reader owns the
    /// descriptors.
    package var pipe: PipeEnds?

    /// The open ends of a command's output.
    package struct PipeEnds: Sendable, Equatable {
        package var output: Int32
        /// The command's standard error; nil for a pipe.
        package var complaints: Int32?

        package init(output: Int32, complaints: Int32?) {
            self.output = output
            self.complaints = complaints
        }
    }

    package init(url: String, transform: InputTransform, interval: Double) {
        self.url = url
        self.transform = transform
        self.interval = interval
    }

    /// The longest time without a packet of a source that is well: nobody asks for a still picture before its time.
    func longestSilence(of address: SourceAddress) -> Duration {
        address.kind == .http ? stallTimeout + poll : stallTimeout
    }

    /// The bytes that a picture's inputs need at most.
    package var inputBytes: Int { transform.byteCount * view.mostParts }
}
